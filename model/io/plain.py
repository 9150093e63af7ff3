"""Converts records to plain values that JSON can hold."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.priors.tables import Row
from model.priors.vocabulary import Vocabulary

LEFT_OUT = (np.ndarray, Row, Vocabulary)
"""Types that are left out of JSON: draws, table rows, the vocabulary. Only the program needs them."""


def plain(value: Any) -> Any:
    """A record, mapping, sequence or number as a value that JSON can hold.

    A record becomes an object of its fields. Infinity and NaN become null, because JSON has neither.

    >>> plain({"a": (1, math.nan)})
    {'a': [1, None]}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        own = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: plain(part) for name, part in own.items() if not _is_internal(part)}
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [plain(part) for part in value]
    if isinstance(value, Path):
        return value.name
    return str(value)


def _is_internal(part: object) -> bool:
    if isinstance(part, Mapping):
        part = next(iter(part.values()), None)
    return isinstance(part, LEFT_OUT)
