"""Safe access to parsed JSON: what has the wrong shape is told with its place, never met by a traceback.

No message repeats a value of the file: it may identify the patient.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from model.errors import InputError

DEEPEST = 60
Object = Mapping[str, Any]


def check_depth(content: object, place: str) -> None:
    """Raises InputError when lists and objects are nested deeper than any medical record is."""
    level: list[object] = [content]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise InputError(f"{place}: nested deeper than {DEEPEST} levels; not a patient file")


def _inside(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def object_at(parent: Object, name: str, place: str) -> Object:
    """The object in a field; empty when the field is absent."""
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(f"{place}.{name}: an object is expected")
    return value


def objects_at(parent: Object, name: str, place: str) -> list[tuple[str, Object]]:
    """Place and object of each item of a list; empty when the field is absent."""
    value = parent.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(f"{place}.{name}: a list is expected")
    for i, item in enumerate(value):
        if not isinstance(item, dict):
            raise InputError(f"{place}.{name}[{i}]: an object is expected")
    return [(f"{place}.{name}[{i}]", item) for i, item in enumerate(value)]


def text_at(parent: Object, name: str, place: str) -> str:
    """The text in a field; empty when the field is absent."""
    value = parent.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{place}.{name}: text is expected")
    return value.strip()


def flag_at(parent: Object, name: str, place: str) -> bool:
    """The truth value in a field; False when the field is absent."""
    value = parent.get(name)
    if value is not None and not isinstance(value, bool):
        raise InputError(f"{place}.{name}: true or false is expected")
    return bool(value)


def number_at(parent: Object, name: str, place: str) -> float | None:
    """The finite number in a field; None when the field is absent."""
    value = parent.get(name)
    if value is None:
        return None
    try:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{place}.{name}: a number is expected")
    return number
