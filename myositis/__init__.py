"""The package `model` under a name that no other package has.

>>> import model, myositis
>>> myositis.load is model.load
True
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import model

HERE = Path(__file__).resolve().parents[1]
if not Path(model.__file__ or "").resolve().is_relative_to(HERE / "model"):
    raise ImportError(
        f"myositis needs its own package 'model', but {model.__file__ or list(model.__path__)} has the same name "
        "and comes first; rename it, or start from another folder"
    )

from model import __all__ as __all__  # noqa: E402

if TYPE_CHECKING:
    from model import *  # noqa: F403


def __getattr__(name: str) -> Any:
    """Ask `model`, which imports most names when they are first used."""
    return getattr(model, name)
