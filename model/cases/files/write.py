"""Writes tables as CSV, JSON Lines or Parquet; a file appears whole or not at all, and without formulas."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model.cases.cohort import COHORT_SUFFIXES
from model.errors import InputError
from model.io.files import whole_file
from model.io.optional import needs
from model.network.build import Array

if TYPE_CHECKING:
    import pandas

MUST_QUOTE = re.compile(r'[",\r\n]')
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def escaped(text: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet would read it as a formula.

    A text that already begins with such an apostrophe gets a second one, so that `unescaped` is exact.

    >>> escaped("=1+1"), escaped("A-1"), escaped("'=1")
    ("'=1+1", 'A-1', "''=1")
    """
    bare = text.lstrip("'")
    return "'" + text if bare.startswith(FORMULA_STARTS) else text


def unescaped(text: str) -> str:
    """The original text: the inverse of `escaped`.

    >>> unescaped("'=1+1"), unescaped("'quoted'")
    ('=1+1', "'quoted'")
    """
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA_STARTS) else text


def table_suffix(path: Path) -> str:
    """The suffix of an output in lower case; raises InputError if it is not that of a known format."""
    suffix = path.suffix.lower()
    if suffix not in COHORT_SUFFIXES:
        raise InputError(f"{path.name}: the output ends in {', '.join(COHORT_SUFFIXES)}")
    return suffix


def write_table(path: Path, columns: Mapping[str, Sequence[object] | Array]) -> None:
    """Write columns as CSV, JSON Lines or Parquet; the file appears whole or not at all.

    Parameters
    ----------
    path
        Its suffix chooses the format: .csv, .jsonl or .parquet.
    columns
        Column -> values, (rows,) each.

    Raises
    ------
    InputError
        For another suffix, or a file that cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "table.csv"
    ...     write_table(path, {"a": [1, 2]})
    ...     path.read_text().split()
    ['a', '1', '2']
    """
    import pandas as pd

    suffix = table_suffix(path)
    with whole_file(path) as partial:
        write_frame(partial, pd.DataFrame(dict(columns)), suffix)


def write_parts(path: Path, parts: Iterable[Mapping[str, Sequence[object] | Array]]) -> None:
    """Write one table from parts, which need not fit into memory together; the file appears whole or not at all."""
    import pandas as pd

    suffix = table_suffix(path)
    with whole_file(path) as partial:
        if suffix == ".parquet":
            _write_parquet_parts(partial, parts)
            return
        with partial.open("wb") as target:
            for number, part in enumerate(parts):
                piece = partial.with_name(partial.name + ".piece")
                try:
                    write_frame(piece, pd.DataFrame(dict(part)), suffix, header=number == 0)
                    target.write(piece.read_bytes())
                finally:
                    piece.unlink(missing_ok=True)


def write_records(path: Path, parts: Iterable[Iterable[Mapping[str, object]]]) -> None:
    """Write objects that come in parts as JSON Lines; the file appears whole or not at all."""
    with whole_file(path) as partial, partial.open("w", encoding="utf-8") as file:
        for part in parts:
            file.writelines(json.dumps(record) + "\n" for record in part)


def _write_parquet_parts(path: Path, parts: Iterable[Mapping[str, Sequence[object] | Array]]) -> None:
    with needs("pyarrow", "scale", "Parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

    writer = None
    try:
        for part in parts:
            table = pa.table(dict(part))
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def write_frame(path: Path, frame: "pandas.DataFrame", suffix: str, header: bool = True) -> None:
    """Write a table in the format of `suffix`; in CSV, formulas are escaped."""
    if suffix == ".csv":
        _write_csv(path, frame, header)
    elif suffix == ".jsonl":
        records = frame.astype(object).where(frame.notna(), None).to_dict("records")
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    else:
        with needs("pyarrow", "scale", "Parquet"):
            import pyarrow  # noqa: F401
        frame.to_parquet(path, index=False)


def _write_csv(path: Path, frame: "pandas.DataFrame", header: bool) -> None:
    """Write CSV with Arrow, which is ten times as fast as pandas; both write the shortest exact decimals."""
    import csv
    import io

    with needs("pyarrow", "scale", "Writing CSV"):
        import pyarrow as pa
        from pyarrow.csv import CSVWriter, WriteOptions

    texts = {
        c: [escaped(v) if isinstance(v, str) else None if v is None or v != v else escaped(str(v)) for v in frame[c]]
        for c in frame.columns
        if frame[c].dtype.kind not in "fiub"
    }
    table = pa.table({c: texts[c] if c in texts else pa.array(frame[c], from_pandas=True) for c in frame.columns})
    bare = not any(MUST_QUOTE.search(text) for column in texts.values() for text in column if text)
    options = WriteOptions(include_header=False, quoting_style="none" if bare else "needed")
    with path.open("wb") as file:
        if header:
            names = io.StringIO()
            csv.writer(names, lineterminator="\n").writerow(frame.columns)
            file.write(names.getvalue().encode())
        with CSVWriter(file, table.schema, write_options=options) as writer:
            writer.write_table(table)
