"""The base of a table: what makes its average over the effect parents exactly the stated rate.

In each group (one configuration of the rate parents) the table is base(state) * odds ratio(entry, state),
scaled to sum to 1, and sum over the entries of weight(entry) * table(entry, state) must be the stated rate.
The base is found by Newton's method on ln average = ln rate, which is nearly linear in ln base, so that a
few steps are enough; the matrix of a step is a weighted graph Laplacian, whose elimination needs no pivots.
"""

import numpy as np

from model.network.factors import Array, Index

NUMBERS_AT_ONCE = 1 << 16
MOST_STEPS = 200
LONGEST_STEP = 2.0
LEAST = 1e-13
GROUND = 1e-12
AVERAGE = "e...,e...->..."
FEW = 0.25


def solve_base(
    target: Array, weights: Array, ratios: Array, starts: Index, guess: Array | None = None, tolerance: float = 1e-11
) -> Array:
    """Tables whose average is the target, (entries, states, draws).

    target (groups, states, draws or 1); weights (entries, draws or 1), which sum to 1 in each group; ratios
    (entries, states, draws or 1); starts (groups,): the first entry of each group. guess: ln base to begin with,
    as target. tolerance: about the largest |ln average - ln rate| that is left; the error of a step is the square
    of the step before.
    """
    draws = max(target.shape[-1], weights.shape[-1], ratios.shape[-1])
    target = np.broadcast_to(target, (*target.shape[:-1], draws)).swapaxes(0, 1)
    weights = np.broadcast_to(weights, (len(weights), draws))
    guess = np.log(np.maximum(target, LEAST)) if guess is None else np.broadcast_to(guess.swapaxes(0, 1), target.shape)
    members, real = _layout(starts, len(weights))
    result = np.empty((*ratios.shape[:2], draws))
    width = max(1, NUMBERS_AT_ONCE // members.size)
    for first in range(0, draws, width):
        block = (..., slice(first, first + width))
        weight = np.where(real[..., None], weights[block][members], 0)
        wanted, begin = np.maximum(target[block], LEAST), guess[block]
        scale = np.moveaxis((ratios[block] if ratios.shape[-1] > 1 else ratios)[members], 2, 0)
        base = _converge(list(begin[1:] - begin[0]), wanted, weight, scale, tolerance)
        for state, values in enumerate(_table(base, scale)):
            result[members[real], state, first : first + width] = values[real]
    if not target.all():
        result *= np.repeat(target > 0, real.sum(axis=0), axis=1).swapaxes(0, 1)
        result /= result.sum(axis=1, keepdims=True)
    return result


def _layout(starts: Index, entries: int) -> tuple[Index, Array]:
    """Entries of each group, (most entries, groups), and which of them are real, not filling."""
    sizes = np.diff(starts, append=entries)
    places = np.arange(sizes.max())[:, None]
    real = places < sizes
    return np.where(real, starts + places, starts), real


def _converge(base: list[Array], wanted: Array, weights: Array, scale: Array, tolerance: float) -> list[Array]:
    """ln base of each state from 1 on, that of state 0 being 0.

    wanted (states, ...), weights (entries, ...), scale (states, entries, ...). Once most are there, the steps
    go on with the others alone.
    """
    for _ in range(MOST_STEPS):
        steps = _steps(_table(base, scale), wanted, weights)
        longest = np.maximum.reduce([np.abs(step) for step in steps])
        limit = np.minimum(1, LONGEST_STEP / np.maximum(longest, LEAST))
        base = [b + step * limit for b, step in zip(base, steps, strict=True)]
        far = longest**2 >= tolerance
        if not far.any():
            break
        if far.mean() < FEW:
            odds = np.broadcast_to(scale, (*scale.shape[:2], *far.shape))[:, :, far]
            rest = _converge([b[far] for b in base], wanted[:, far], weights[:, far], odds, tolerance)
            for b, found in zip(base, rest, strict=True):
                b[far] = found
            break
    return base


def _steps(table: list[Array], wanted: Array, weights: Array) -> list[Array]:
    """Newton's step of ln base for each state from 1 on."""
    average = [np.einsum(AVERAGE, weights, share) for share in table]
    misfit = [np.log(w / wanted[0] * (average[0] / a)) for w, a in zip(wanted[1:], average[1:], strict=True)]
    shift = sum(a * m for a, m in zip(average[1:], misfit, strict=True))
    force = [-average[0] * shift, *(a * (m - shift) for a, m in zip(average[1:], misfit, strict=True))]
    links = {}
    for s in range(1, len(table)):
        weighted = weights * table[s]
        links.update({(s, t): np.einsum(AVERAGE, weighted, table[t]) for t in range(s)})
    first, *others = _potentials(links, force, [GROUND * a for a in average])
    return [other - first for other in others]


def _table(base: list[Array], scale: Array) -> list[Array]:
    """Shares of each state in each entry, for `base` as in _converge."""
    odds = [scale[0], *(np.exp(b) * s for b, s in zip(base, scale[1:], strict=True))]
    part = sum(odds[2:], odds[0] + odds[1])
    np.divide(1, part, out=part)
    return [odds[0] * part, *(np.multiply(odd, part, out=odd) for odd in odds[1:])]


def _potentials(links: dict[tuple[int, int], Array], force: list[Array], ground: list[Array]) -> list[Array]:
    """Solve the Laplacian with weights `links` for `force` at each state.

    A state is eliminated by joining all that it is linked with (star-mesh transform): sums of positive numbers
    only. Weak links to the ground take the place of one state held at 0, which would have to be a common one.
    """
    force, ground = list(force), list(ground)
    degrees: list[Array] = []
    for k in range(len(force) - 1, -1, -1):
        degree = sum((links[k, t] for t in range(k)), ground[k])
        degrees.insert(0, degree)
        for t in range(k):
            share = links[k, t] / degree
            force[t] = force[t] + force[k] * share
            ground[t] = ground[t] + ground[k] * share
            for u in range(t):
                links[t, u] = links[t, u] + links[k, u] * share
    solved: list[Array] = []
    for k, degree in enumerate(degrees):
        pull = sum((links[k, t] * solved[t] for t in range(k)), force[k])
        solved.append(pull / degree)
    return solved
