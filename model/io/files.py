"""Files: one clear message if one cannot be read or written; an output appears whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from model.errors import Unfinished


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """A context in which `path` is read. Raises Unfinished (an InputError) that names it if it cannot be read."""
    try:
        if path.exists() and not path.is_dir() and not path.is_file():
            raise Unfinished(f"{path.name}: not a file but a pipe or a device")
        yield
    except FileNotFoundError:
        raise Unfinished(f"{path.name}: there is no such file") from None
    except IsADirectoryError:
        raise Unfinished(f"{path.name}: a folder, not a file") from None
    except OSError as error:
        raise Unfinished(
            f"{path.name}: cannot be read ({error.strerror or str(error).partition(chr(10))[0]})"
        ) from None


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path to write to. It is renamed to `path` at the end of the context, and deleted if anything fails.

    Raises Unfinished (an InputError) if the system cannot write there.
    """
    partial = path.with_name(path.name + ".part")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise Unfinished(f"{path.name}: cannot be written ({error.strerror or error})") from None
    finally:
        with suppress(OSError):
            partial.unlink()
