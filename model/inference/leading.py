"""The leading diagnosis."""

from collections.abc import Mapping


def leading(posterior: Mapping[str, float], but: str | None = None) -> str:
    """The most probable diagnosis, the first of equals. `but`: a diagnosis to leave out.

    >>> leading({"a": 0.2, "b": 0.5, "c": 0.3}), leading({"a": 0.2, "b": 0.5, "c": 0.3}, but="b")
    ('b', 'c')
    """
    return max((d for d in posterior if d != but), key=lambda diagnosis: posterior[diagnosis])
