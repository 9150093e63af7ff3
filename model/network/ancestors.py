"""The ancestors of nodes in a directed graph."""

from collections.abc import Iterable, Mapping


def ancestors(parents: Mapping[str, Iterable[str]], nodes: Iterable[str]) -> set[str]:
    """The nodes and all their ancestors. `parents`: the parents of every node.

    >>> sorted(ancestors({"a": [], "b": ["a"], "c": ["b"], "d": []}, ["c"]))
    ['a', 'b', 'c']
    """
    found, waiting = set(nodes), list(nodes)
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found
