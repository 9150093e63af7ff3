"""The two sides that a weight of evidence compares: a diagnosis, and its rival or all other diagnoses."""

from collections.abc import Sequence

from model.errors import InputError, nearest

Sides = tuple[list[int], list[int]]


def two_sides(diagnoses: Sequence[str], diagnosis: str, rival: str | None) -> Sides:
    """Indices of the diagnosis, and of the rival or (None) of all others.

    Raises InputError for an unknown diagnosis, naming the nearest, and for a diagnosis against itself.
    """
    for name in filter(None, (diagnosis, rival)):
        if name not in diagnoses:
            raise InputError(f"{name!r} is not a diagnosis{nearest(name, diagnoses)}")
    if diagnosis == rival:
        raise InputError(f"{diagnosis} cannot be compared with itself")
    own = diagnoses.index(diagnosis)
    return [own], [diagnoses.index(rival)] if rival else [i for i in range(len(diagnoses)) if i != own]
