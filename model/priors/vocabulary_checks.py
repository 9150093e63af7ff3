"""What the tables of the vocabulary must agree on: ids that are used once, states, and bins without gaps."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from model.priors.tables import Row

ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
RESERVED = {"setting": "the variable `setting`", "diagnosis": "the variable `diagnosis`"}
FAMILIES = ("iim", "mimic", "any")
KINDS = {"vocabulary/hidden": "hidden variable", "vocabulary/findings": "finding"}


def check_vocabulary(tables: Mapping[str, Sequence[Row]]) -> None:
    """Raises InputError at the first error, naming file, line and field."""
    for table in ("vocabulary/settings", "vocabulary/diagnoses", *KINDS):
        for row in tables[table]:
            if not ID.fullmatch(row["id"]):
                raise row.fault("id", f"{row['id']!r} is not an id: letters, digits and underscores, a letter first")
    for row in tables["vocabulary/diagnoses"]:
        if row["id"] in FAMILIES:
            raise row.fault("id", f"{row['id']!r} names a family of diagnoses; choose another id")
    _check_variables(tables)
    _check_bins(tables)


def _check_variables(tables: Mapping[str, Sequence[Row]]) -> None:
    used = dict(RESERVED)
    for table, kind in KINDS.items():
        for row in tables[table]:
            if row["id"] in used:
                raise row.fault("id", f"{row['id']!r} is also {used[row['id']]}; choose another id")
            used[row["id"]] = f"a {kind} of {row.file}"
            states = row["states"].split("|")
            if len(states) < 2 or not all(state.strip() for state in states):
                raise row.fault("states", "at least two states are needed, separated by `|`, none of them blank")
            twice = next((state for state in states if states.count(state) > 1), "")
            if twice:
                raise row.fault("states", f"{twice!r} occurs twice")


def _check_bins(tables: Mapping[str, Sequence[Row]]) -> None:
    """The bins of a finding follow its states and touch each other, so that every number between has one state."""
    of: dict[str, list[Row]] = {}
    for row in tables["vocabulary/bins"]:
        of.setdefault(row["finding"], []).append(row)
        if float(row["from"]) >= float(row["to"]):
            raise row.fault("to", f"{row['to']} is not above {row['from']}: the bin runs backwards or is empty")
    states = {row["id"]: row["states"].split("|") for table in KINDS for row in tables[table]}
    for finding, rows in of.items():
        for before, row in pairwise(rows):
            if float(row["from"]) != float(before["to"]):
                wrong = "overlaps" if float(row["from"]) < float(before["to"]) else "leaves a gap after"
                raise row.fault(
                    "from", f"{row['from']} {wrong} the bin {before['state']}, which ends at {before['to']}"
                )
            if row["closed"] != before["closed"]:
                raise row.fault("closed", f"{row['closed']!r}, but the bin before is closed at {before['closed']!r}")
        listed = [row["state"] for row in rows]
        if listed != [state for state in states.get(finding, ()) if state in listed]:
            raise rows[0].fault("state", f"the bins of {finding} are not in the order of its states")
