"""Medians of many calls, taken in turn so that a busy machine slows all alike."""

import gc
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter
from typing import Any

Way = Callable[[Any], object]


def medians(
    ways: Mapping[str, tuple[Way, Sequence[Any]]], rounds: int, passes: Mapping[str, int] | None = None
) -> dict[str, float]:
    """Median seconds of one call of each way over its own questions.

    Each round asks each way all its questions in turn, `passes` times (once by default). One round
    before them warms up; the garbage collector rests while the clock runs.
    """
    spent: dict[str, list[float]] = {name: [] for name in ways}
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds + 1):
            for name, (way, questions) in ways.items():
                times = [_seconds(way, q) for _ in range((passes or {}).get(name, 1)) for q in questions]
                spent[name] += times if number else []
    finally:
        gc.enable()
    return {name: median(times) for name, times in spent.items()}


def _seconds(way: Way, question: object) -> float:
    start = perf_counter()
    way(question)
    return perf_counter() - start
