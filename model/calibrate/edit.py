"""Write a new folder of priors with some numbers changed, and a log of the changes.

The folder is written complete and checked, or not at all. Rows without a change keep their bytes. The exception is a
table of effects without a column of strengths: if a strength changes, it gets the column, filled with the strengths
that applied before.
"""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp

from model.calibrate.numbers import ODDS_RATIO, Number, by_key
from model.errors import InputError, nearest
from model.network.build import build_network
from model.priors.folder import Priors, read_priors

LOG = "changes.csv"
STRENGTH = "strength"
NewRows = Mapping[str, Mapping[int, Mapping[str, str]]]
LOG_COLUMNS = ("date", "key", "old", "new", "old_strength", "new_strength", "grade", "source", "reason")


@dataclass(frozen=True)
class Change:
    """One number to change. `key`: of `Number`. `value`, `strength`: the new ones; None keeps the old.

    `grade` and `source`: of the new value. `citation`: required if `source` is not in sources.csv. `reason`: for the
    log.

    Examples
    --------
    >>> key = "P(heliotrope_rash=present | dermatomyositis)"
    >>> Change(key, 60.0, None, reason="our clinic", source="clinic", citation="Our clinic 2026").grade
    'D'
    """

    key: str
    value: float | None
    strength: float | None
    reason: str
    source: str
    grade: str = "D"
    citation: str = ""


def edited(folder: Path, changes: Sequence[Change], out: Path, date: str) -> Path:
    """Write a copy of a folder of priors with some numbers changed.

    The other percentages of a changed distribution (other states, or other diagnoses of a setting) are rescaled in
    proportion, so that the sum is still 100.

    Parameters
    ----------
    folder
        The priors to copy: `net.priors.folder`.
    changes
        The numbers to change.
    out
        The folder to write; it must not exist.
    date
        The date for the log, as YYYY-MM-DD.

    Returns
    -------
    pathlib.Path
        The new folder; `model.load` reads it.

    Raises
    ------
    InputError
        For an unknown key, grade or source, a value out of range, and changes that make the folder contradictory.
        Nothing is written in these cases.

    Examples
    --------
    >>> import tempfile
    >>> import model
    >>> net = model.load()
    >>> key = "P(heliotrope_rash=present | dermatomyositis)"
    >>> change = model.Change(key, 60.0, 8, "a try", "clinic", citation="Clinic")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     copy = model.edit_priors(net.priors.folder, [change], Path(folder) / "priors", "2026-01-31")
    ...     model.numbers_by_key(model.load(copy).priors)[change.key].value
    60.0
    """
    priors = read_priors(folder)
    known = by_key(priors)
    _check(changes, known, priors)
    rows = _with_strengths(_new_rows(changes, known), known.values())
    return rewritten(priors, rows, changes, out, date)


def rewritten(priors: Priors, rows: NewRows, changes: Sequence[Change], out: Path, date: str) -> Path:
    """Write a copy of the folder of `priors` with new cells in some rows, and the changes in its log.

    rows: file -> line -> new cells. The copy is moved to `out` after its network has been built without error. Raises
    InputError if `out` exists or cannot be written, and for any fault found in the copy.
    """
    if out.exists():
        raise InputError(f"{out.name}: exists already; choose another name")
    try:
        temporary = Path(mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    except OSError as error:
        raise InputError(f"{out.name}: cannot be written ({error.strerror or error})") from None
    try:
        copy = copytree(priors.folder, temporary / out.name)
        for name, lines in rows.items():
            path = copy / name
            path.write_bytes(_with_cells(path.read_bytes().decode("utf-8-sig"), lines).encode("utf-8"))
        _write_sources(copy, changes, priors)
        new = read_priors(copy)
        build_network(new)
        _write_log(copy, changes, by_key(priors), by_key(new), date)
        return copy.rename(out)
    except OSError as error:
        raise InputError(f"{out.name}: cannot be written ({error.strerror or error})") from None
    finally:
        rmtree(temporary, ignore_errors=True)


def read_log(folder: Path) -> list[dict[str, str]]:
    """The log of changes of a folder of priors.

    Parameters
    ----------
    folder
        A folder of priors.

    Returns
    -------
    list of dict
        One entry for each change, oldest first; empty for a folder that was never edited.

    Examples
    --------
    >>> import tempfile
    >>> import model
    >>> net = model.load()
    >>> key = "P(heliotrope_rash=present | dermatomyositis)"
    >>> change = model.Change(key, 60.0, 8, "a try", "clinic", citation="Clinic")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     copy = model.edit_priors(net.priors.folder, [change], Path(folder) / "priors", "2026-01-31")
    ...     [line["reason"] for line in read_log(copy)]
    ['a try']
    """
    path = folder / LOG
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def to_cite(folder: Path) -> dict[str, str]:
    """The sources of the changes of a folder of priors, which its users must also cite.

    Parameters
    ----------
    folder
        A folder of priors.

    Returns
    -------
    dict
        Source key -> citation.

    Examples
    --------
    >>> import tempfile
    >>> import model
    >>> net = model.load()
    >>> key = "P(heliotrope_rash=present | dermatomyositis)"
    >>> change = model.Change(key, 60.0, 8, "a try", "clinic", citation="Clinic")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     copy = model.edit_priors(net.priors.folder, [change], Path(folder) / "priors", "2026-01-31")
    ...     to_cite(copy)
    {'clinic': 'Clinic'}
    """
    sources = read_priors(folder).sources
    keys = [key for line in read_log(folder) for key in line["source"].split(";") if key]
    return {key: sources[key]["citation"] for key in dict.fromkeys(keys) if key in sources}


def _check(changes: Sequence[Change], known: Mapping[str, Number], priors: Priors) -> None:
    seen: set[str] = set()
    for change in changes:
        where = f"change of {change.key}"
        if change.key not in known:
            raise InputError(f"{where}: no such number{nearest(change.key, known)}")
        if change.key in seen:
            raise InputError(f"{where}: occurs twice; keep one of them")
        others = seen & set(known[change.key].siblings)
        if others and change.value is not None:
            raise InputError(
                f"{where}: {sorted(others)[0]} of the same distribution is changed too; change only one of them"
            )
        seen.add(change.key)
        if not change.reason.strip():
            raise InputError(f"{where}, field reason: is empty; say why the number changes")
        for source in change.source.split(";") or [""]:
            if source.strip() not in priors.sources and not change.citation.strip():
                raise InputError(
                    f"{where}, field source: {source.strip()!r} is not in sources.csv"
                    f"{nearest(source.strip(), priors.sources)}; give the citation of a new source"
                )
        _check_value(change, known[change.key], where)


def _check_value(change: Change, number: Number, where: str) -> None:
    if change.value is None and change.strength is None:
        raise InputError(f"{where}: neither a value nor a strength is given; give at least one")
    high = 1e6 if number.kind == ODDS_RATIO else 100
    low = 1e-6 if number.kind == ODDS_RATIO else 0
    if change.value is not None and not low <= change.value <= high:
        raise InputError(f"{where}, field value: {change.value:g} is not between {low:g} and {high:g}")
    if change.strength is not None and number.strength is None:
        raise InputError(f"{where}, field strength: a {number.kind} has no strength; leave it out")


Rows = dict[str, dict[int, dict[str, str]]]


def _new_rows(changes: Sequence[Change], known: Mapping[str, Number]) -> Rows:
    rows: Rows = {}
    for change in changes:
        number = known[change.key]
        lines = rows.setdefault(number.row.file, {})
        lines[number.row.line] = new_cells(change, number)
        if change.value is not None:
            for key in number.siblings:
                sibling = known[key]
                cells = lines.setdefault(sibling.row.line, {})
                cells.update(_percent_cells(sibling, _rescaled(sibling, number, change.value)))
    return rows


def _with_strengths(rows: Rows, known: Collection[Number]) -> NewRows:
    """The rows to change. Where a table gets a column of strengths, they include all its rows."""
    new = {n.row.file for n in known if STRENGTH in rows.get(n.row.file, {}).get(n.row.line, {})
           and STRENGTH not in n.row.cells}  # fmt: skip
    for number in (n for n in known if n.row.file in new and n.strength is not None):
        rows[number.row.file].setdefault(number.row.line, {}).setdefault(STRENGTH, f"{number.strength:g}")
    return rows


def _rescaled(sibling: Number, number: Number, new: float) -> float:
    """The percentage of `sibling` when `number` of the same distribution becomes `new`.

    The siblings keep their proportions; if all of them were 0, they share the rest equally.
    """
    if number.value < 100:
        return sibling.value * (100 - new) / (100 - number.value)
    return (100 - new) / len(number.siblings)


def new_cells(change: Change, number: Number) -> dict[str, str]:
    """The cells of a number's row that a change replaces."""
    cells: dict[str, str] = {} if change.value is None else _percent_cells(number, change.value)
    cells.update(source=change.source, locator="", note=change.reason)
    if number.kind != "term":
        cells["grade"] = change.grade
    if change.strength is not None:
        cells[STRENGTH] = f"{change.strength:g}"
    return cells


def _percent_cells(number: Number, value: float) -> dict[str, str]:
    if number.kind == ODDS_RATIO:
        return {"odds_ratio": f"{value:.6g}"}
    return {"percent": f"{value:.9g}", **({"term": ""} if number.kind == "rate" else {})}


def _with_cells(text: str, rows: Mapping[int, Mapping[str, str]]) -> str:
    """A CSV text with new cells in some rows; all other text is unchanged.

    rows: the line a row ends on -> its new cells. If they include a strength and the table has no such column, one is
    added at the end.
    """
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines)
    header = next(reader)
    result, done = ["".join(lines[: reader.line_num])], reader.line_num
    if STRENGTH not in header and any(STRENGTH in cells for cells in rows.values()):
        header.append(STRENGTH)
        result = [_line(header, "\r\n" if result[0].endswith("\r\n") else "\n")]
    for record in reader:
        raw = "".join(lines[done : reader.line_num])
        if reader.line_num in rows:
            cells = dict(zip(header, record + [""] * (len(header) - len(record)), strict=False))
            cells.update({name: value for name, value in rows[reader.line_num].items() if name in cells})
            raw = _line(list(cells.values()), "\r\n" if raw.endswith("\r\n") else "\n")
        result.append(raw)
        done = reader.line_num
    return "".join(result)


def _line(cells: Sequence[str], end: str = "\n") -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerow(cells)
    return text.getvalue()


def _write_sources(folder: Path, changes: Sequence[Change], priors: Priors) -> None:
    new = {}
    for change in changes:
        words = [word.strip() for word in change.source.split(";")]
        unknown = [word for word in words if word and word not in priors.sources]
        new.update({word: change.citation.strip() for word in unknown[:1]})
    path = folder / "sources.csv"
    text = path.read_text(encoding="utf-8-sig") if path.exists() else "source,citation\n"
    header = next(csv.reader(io.StringIO(text)))
    lines = [_line([{"source": key, "citation": new[key]}.get(column, "") for column in header]) for key in new]
    if lines:
        path.write_text(text + ("" if text.endswith("\n") else "\n") + "".join(lines), encoding="utf-8")


def _write_log(
    folder: Path, changes: Sequence[Change], before: Mapping[str, Number], after: Mapping[str, Number], date: str
) -> None:
    path = folder / LOG
    text = path.read_text(encoding="utf-8") if path.exists() else _line(LOG_COLUMNS)
    for change in changes:
        old, new = before[change.key], after[change.key]
        values = (f"{number.value:.9g}" for number in (old, new))
        strengths = ("" if number.strength is None else f"{number.strength:g}" for number in (old, new))
        text += _line([date, change.key, *values, *strengths, change.grade, change.source, change.reason])
    path.write_text(text, encoding="utf-8")
