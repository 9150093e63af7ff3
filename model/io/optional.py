"""Packages that only some commands need, each installed with an extra."""

from collections.abc import Iterator
from contextlib import contextmanager

from model.errors import InputError


@contextmanager
def needs(package: str, extra: str, what: str) -> Iterator[None]:
    """Import an optional package inside this context.

    `extra`: the extra of this project that installs the package; `what`: the feature that uses it. Raises InputError
    with the command to type when the package is not installed.

    >>> with needs("no_such_package", "scale", "Parquet"):
    ...     import no_such_package
    Traceback (most recent call last):
    model.errors.InputError: Parquet needs no_such_package: pip install 'myositis-network[scale]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise
        raise InputError(f"{what} needs {package}: pip install 'myositis-network[{extra}]'") from None
