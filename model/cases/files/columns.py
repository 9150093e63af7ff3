"""The distinct values of each column of a file, before the columns are mapped."""

from pathlib import Path

from model.cases.files.frames import csv_rows, parquet_rows
from model.cases.files.mapping import ColumnMapping
from model.cases.files.partitions import partitions
from model.cases.files.read import check_columns, check_mappable, cohort_suffix, is_empty, single

MOST_VALUES = 200


def column_values(path: Path) -> dict[str, tuple[str, ...]]:
    """Each column of a CSV or Parquet file with its distinct values as text.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    dict
        Column -> distinct values, in the order of the file, MOST_VALUES at most.

    Raises
    ------
    InputError
        For a file that cannot be read, and for JSON Lines, which need no mapping.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cohort.csv"
    ...     _ = path.write_text("sex\\nm\\nf\\n")
    ...     column_values(path)
    {'sex': ('m', 'f')}
    """
    suffix = cohort_suffix(path)
    check_mappable(path, ColumnMapping())
    found: dict[str, dict[str, None]] = {}
    for partition in partitions(path):
        cells = (csv_rows(path, partition) if suffix == ".csv" else parquet_rows(path, partition)).cells
        check_columns(cells, path.name)
        for name in cells.columns:
            values = found.setdefault(str(name), {})
            for value in single(cells[name], str(name), path.name).unique():
                if len(values) < MOST_VALUES and not is_empty(value):
                    values.setdefault(str(value))
    return {name: tuple(values) for name, values in found.items()}
