"""The changes of numbers that a session has entered but not yet saved, and the set of priors they would make."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from app_pages.calibrate import sets
from app_pages.shared.network import OwnPriors, same_priors
from model import InputError, Net
from model.calibrate.edit import Change, edited
from model.calibrate.numbers import Number

TRIAL = "trial"


@dataclass(frozen=True)
class Entered:
    """New value and strength of one number; None leaves it as it is."""

    value: float | None = None
    strength: float | None = None


@dataclass(frozen=True)
class Reason:
    """What the log will say of a change: why, on whose word, and how sure that is."""

    reason: str
    source: str
    grade: str
    citation: str = ""


def pending(net: Net) -> dict[str, Entered]:
    """Key of a number -> what was entered for it, on top of these priors."""
    found: dict[str, Entered] = st.session_state.setdefault(f"pending {same_priors(net)}", {})
    return found


def enter(net: Net, number: Number, **cells: float | None) -> None:
    """Take over new cells of a number; raises InputError, and keeps what was there, where they make no sense."""
    before = dict(pending(net))
    wanted = replace(before.get(number.key, Entered()), **cells)
    own = Entered(
        None if wanted.value is not None and abs(wanted.value - number.value) < 1e-12 else wanted.value,
        None if wanted.strength == number.strength else wanted.strength,
    )
    after = {**before, number.key: own}
    if own == Entered():
        after.pop(number.key)
    trial = try_out(net, after) if after else None
    pending(net).clear()
    pending(net).update(after)
    st.session_state["trial"] = trial


def try_out(net: Net, entered: Mapping[str, Entered], reason: Reason | None = None, name: str = TRIAL) -> OwnPriors:
    """The set of priors with these changes; raises InputError where they contradict the rest.

    Without a reason the set is for looking only. The grade of a number stays as it is unless `reason` gives one.
    """
    known = sets.by_key_of(net)
    why = reason or Reason("tried out on the page", TRIAL, "", "tried out on the page")
    changes = [
        Change(key, e.value, e.strength, why.reason, why.source, why.grade or known[key].grade, why.citation)
        for key, e in entered.items()
    ]
    return sets.made(name, lambda out: edited(net.priors.folder, changes, out, sets.today()))


def trial(net: Net) -> OwnPriors | None:
    """The set that the pending changes make; None where there are none."""
    if not pending(net):
        return None
    found: OwnPriors | None = st.session_state.get("trial")
    if found is None:
        found = st.session_state["trial"] = try_out(net, pending(net))
    return found


def forget(net: Net, key: str | None = None) -> None:
    """Drop one pending change, or all."""
    kept = {k: e for k, e in pending(net).items() if key is not None and k != key}
    pending(net).clear()
    pending(net).update(kept)
    st.session_state["trial"] = None


def save(net: Net, name: str, reason: Reason) -> OwnPriors:
    """Make the pending changes a set of the session, with its log; raises InputError for a fault in any field."""
    if not reason.reason.strip():
        raise InputError("please say why you changed the numbers")
    own = try_out(net, pending(net), reason, name.strip())
    sets.keep(own)
    forget(net)
    return own
