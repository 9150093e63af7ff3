"""Safe access to parsed JSON: a field of the wrong type raises InputError that names it.

No message repeats a value of the file, because it may identify the patient.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from model.errors import InputError

DEEPEST = 60
Object = Mapping[str, Any]


def check_depth(content: object, where: str) -> None:
    """Raises InputError if lists and objects are nested more than DEEPEST levels deep, as no medical record is."""
    level: list[object] = [content]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise InputError(f"{where}: nested deeper than {DEEPEST} levels; not a patient file")


def _inside(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def object_at(parent: Object, name: str, where: str) -> Object:
    """The object in a field; empty if the field is absent."""
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(f"{where}.{name}: an object is expected")
    return value


def objects_at(parent: Object, name: str, where: str) -> list[tuple[str, Object]]:
    """Path and object of each item of a list; empty if the field is absent."""
    value = parent.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(f"{where}.{name}: a list is expected")
    for i, item in enumerate(value):
        if not isinstance(item, dict):
            raise InputError(f"{where}.{name}[{i}]: an object is expected")
    return [(f"{where}.{name}[{i}]", item) for i, item in enumerate(value)]


def text_at(parent: Object, name: str, where: str) -> str:
    """The text in a field; empty if the field is absent."""
    value = parent.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{where}.{name}: text is expected")
    return value.strip()


def flag_at(parent: Object, name: str, where: str) -> bool:
    """The truth value in a field; False if the field is absent."""
    value = parent.get(name)
    if value is not None and not isinstance(value, bool):
        raise InputError(f"{where}.{name}: true or false is expected")
    return bool(value)


def number_at(parent: Object, name: str, where: str) -> float | None:
    """The finite number in a field; None if the field is absent."""
    value = parent.get(name)
    if value is None:
        return None
    try:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{where}.{name}: a number is expected")
    return number
