"""Which diagnosis leads."""

from collections.abc import Mapping


def leading(posterior: Mapping[str, float], but: str | None = None) -> str:
    """The most probable diagnosis, or the most probable but one; of equals the first.

    >>> leading({"a": 0.2, "b": 0.5, "c": 0.3}), leading({"a": 0.2, "b": 0.5, "c": 0.3}, but="b")
    ('b', 'c')
    """
    return max((d for d in posterior if d != but), key=lambda diagnosis: posterior[diagnosis])
