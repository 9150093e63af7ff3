"""Long work in a thread of its own: the page stays alive, shows how far it is, and can stop it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from weakref import finalize

import streamlit as st

from app_pages.shared.notice import show_notice
from model import InputError
from model.io.markup import html

LOOK_EVERY = 0.7
BROKE_OFF = "It stopped because of an error in the program"


@dataclass
class Progress:
    """How far a piece of work is while it runs, and its result. The thread writes, the page reads.

    `mark`: what it was asked, so that an answer is never shown for another question.
    """

    mark: object
    share: float | None = 0.0
    words: str = "Starting"
    fault: str = ""
    result: object = None
    done: Event = field(default_factory=Event)
    stop: Event = field(default_factory=Event)

    def tell(self, share: float | None, words: str) -> bool:
        """How far it is (0 to 1; None where nobody knows); whether to go on."""
        self.share, self.words = share, words
        return not self.stop.is_set()


@dataclass
class Work:
    """Holds the progress of a piece of work, which is asked to stop when the session drops this object."""

    progress: Progress


Tell = Callable[[float | None, str], bool]
Task = Callable[[Tell], object]


class Stopped(Exception):
    """Leaves a task half done: the visitor does not want its answer any more."""


def steps(tell: Tell, total: int, words: str, begin: float = 0.0, end: float = 1.0) -> Callable[[int], None]:
    """A `progress` that tells how many of `total` are done, and raises Stopped once the task is to stop.

    `begin`, `end`: the share of the whole work that is done before and after these steps.
    """

    def progress(done: int) -> None:
        if not tell(begin + (end - begin) * done / max(total, 1), f"{words}: {done:,} of {total:,}"):
            raise Stopped

    return progress


def start(key: str, mark: object, task: Task) -> None:
    """Begin a piece of work under a key of the session; what ran there before is asked to stop."""
    stop(key)
    progress = Progress(mark)
    work = Work(progress)
    finalize(work, progress.stop.set)
    st.session_state[f"work {key}"] = work
    Thread(target=_run, args=(progress, task), daemon=True).start()


def stop(key: str) -> None:
    """Ask the work to end; what it has found by then is its result."""
    work: Work | None = st.session_state.get(f"work {key}")
    if work is not None:
        work.progress.stop.set()


def result(key: str, mark: object) -> object:
    """What the work under a key gave for this question; None before it is done. Draws how far it is, or its fault."""
    work: Work | None = st.session_state.get(f"work {key}")
    if work is None or work.progress.mark != mark:
        return None
    if not work.progress.done.is_set():
        _watch(key)
        return None
    if work.progress.fault:
        show_notice(f"{work.progress.fault}.")
    return work.progress.result


def running(key: str) -> bool:
    """Whether work is going on under a key."""
    work: Work | None = st.session_state.get(f"work {key}")
    return work is not None and not work.progress.done.is_set()


def _run(progress: Progress, task: Task) -> None:
    try:
        progress.result = task(progress.tell)
    except Stopped:
        pass
    except InputError as error:
        progress.fault = str(error)
    except Exception as error:  # the page must not wait for a thread that is gone
        progress.fault = f"{BROKE_OFF} ({type(error).__name__})"
    finally:
        progress.done.set()


@st.fragment(run_every=LOOK_EVERY)
def _watch(key: str) -> None:
    progress: Progress = st.session_state[f"work {key}"].progress
    if progress.done.is_set():
        st.rerun()
    words = "Stopping" if progress.stop.is_set() else progress.words
    if progress.share is None:
        st.html(html("<p role='status'>{}</p>", words))
    else:
        st.progress(min(max(progress.share, 0.0), 1.0), words)
    st.button("Stop", key=f"stop {key}", on_click=stop, args=(key,), disabled=progress.stop.is_set())
