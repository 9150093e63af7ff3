"""Files: what cannot be read or written is one clear line; what is written appears whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from model.errors import Unfinished


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """While `path` is read: raises Unfinished, an InputError, that names it where the system cannot."""
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
    """A path to write to, which becomes `path` once all is written and vanishes if anything fails.

    Raises Unfinished, an InputError, when the system cannot write there.
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
