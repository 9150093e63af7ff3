"""Solve the base of a table, so that the table's average over the effect parents is exactly the stated rate.

In each group (one configuration of the rate parents) the table is base(state) * odds ratio(entry, state), scaled to
sum to 1 in each entry. The sum over the entries of weight(entry) * table(entry, state) must be the stated rate.
Newton's method solves ln average = ln rate for ln base; the equation is nearly linear, so a few steps are enough.
The matrix of each step is a weighted graph Laplacian, which can be eliminated without pivots.
"""

import numpy as np

from model.network.factors import Array, Index

NUMBERS_AT_ONCE = 1 << 16
MOST_STEPS = 200
LONGEST_STEP = 2.0
LEAST = 1e-13
# Weight of the link of each state to the ground, relative to the state's average (`_potentials`).
GROUND = 1e-12
AVERAGE = "e...,e...->..."
# Below this fraction of unfinished groups and draws, the steps continue on those only.
FEW = 0.25


def solve_base(
    target: Array, weights: Array, ratios: Array, starts: Index, guess: Array | None = None, tolerance: float = 1e-11
) -> Array:
    """The tables whose weighted average in each group is the target, (entries, states, draws).

    target: (groups, states, draws or 1). weights: (entries, draws or 1); they sum to 1 in each group. ratios: odds
    ratios, (entries, states, draws or 1). starts: the first entry of each group, (groups,). guess: ln base to start
    from, shaped like target. tolerance: about the largest remaining |ln average - ln rate|. The error after a Newton
    step is about the square of the step, so the steps end once that square is below the tolerance.
    """
    draws = max(target.shape[-1], weights.shape[-1], ratios.shape[-1])
    target = np.broadcast_to(target, (*target.shape[:-1], draws)).swapaxes(0, 1)
    weights = np.broadcast_to(weights, (len(weights), draws))
    guess = np.log(np.maximum(target, LEAST)) if guess is None else np.broadcast_to(guess.swapaxes(0, 1), target.shape)
    members, filled = _layout(starts, len(weights))
    result = np.empty((*ratios.shape[:2], draws))
    width = max(1, NUMBERS_AT_ONCE // members.size)
    for first in range(0, draws, width):
        block = (..., slice(first, first + width))
        weight = np.where(filled[..., None], weights[block][members], 0)
        wanted, begin = np.maximum(target[block], LEAST), guess[block]
        scale = np.moveaxis((ratios[block] if ratios.shape[-1] > 1 else ratios)[members], 2, 0)
        base = _converge(list(begin[1:] - begin[0]), wanted, weight, scale, tolerance)
        for state, values in enumerate(_table(base, scale)):
            result[members[filled], state, first : first + width] = values[filled]
    if not target.all():
        result *= np.repeat(target > 0, filled.sum(axis=0), axis=1).swapaxes(0, 1)
        result /= result.sum(axis=1, keepdims=True)
    return result


def _layout(starts: Index, entries: int) -> tuple[Index, Array]:
    """The entries of each group as columns padded to one length, (most entries, groups), and which are not padding."""
    sizes = np.diff(starts, append=entries)
    index = np.arange(sizes.max())[:, None]
    filled = index < sizes
    return np.where(filled, starts + index, starts), filled


def _converge(base: list[Array], wanted: Array, weights: Array, scale: Array, tolerance: float) -> list[Array]:
    """ln base of each state from 1 on; that of state 0 is 0.

    base: where to start. wanted: (states, ...). weights: (entries, ...). scale: odds ratios, (states, entries, ...).
    Once most groups and draws have converged, the steps continue on the others only.
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
            solved = _converge([b[far] for b in base], wanted[:, far], weights[:, far], odds, tolerance)
            for b, found in zip(base, solved, strict=True):
                b[far] = found
            break
    return base


def _steps(table: list[Array], wanted: Array, weights: Array) -> list[Array]:
    """Newton's step in ln base, for each state from 1 on."""
    average = [np.einsum(AVERAGE, weights, share) for share in table]
    error = [np.log(w / wanted[0] * (average[0] / a)) for w, a in zip(wanted[1:], average[1:], strict=True)]
    shift = sum(a * e for a, e in zip(average[1:], error, strict=True))
    force = [-average[0] * shift, *(a * (e - shift) for a, e in zip(average[1:], error, strict=True))]
    links = {}
    for s in range(1, len(table)):
        weighted = weights * table[s]
        links.update({(s, t): np.einsum(AVERAGE, weighted, table[t]) for t in range(s)})
    first, *others = _potentials(links, force, [GROUND * a for a in average])
    return [other - first for other in others]


def _table(base: list[Array], scale: Array) -> list[Array]:
    """P(state) in each entry, one array (entries, ...) a state; arguments as in `_converge`."""
    odds = [scale[0], *(np.exp(b) * s for b, s in zip(base, scale[1:], strict=True))]
    scaling = sum(odds[2:], odds[0] + odds[1])
    np.divide(1, scaling, out=scaling)
    return [odds[0] * scaling, *(np.multiply(odd, scaling, out=odd) for odd in odds[1:])]


def _potentials(links: dict[tuple[int, int], Array], force: list[Array], ground: list[Array]) -> list[Array]:
    """Solve the graph Laplacian with edge weights `links` for the right-hand side `force`, one array a state.

    Eliminating a state connects all its neighbours (star-mesh transform); this only adds positive numbers. A
    Laplacian is singular. Instead of fixing one state at 0, which works well only for a frequent state, every state
    gets a weak link `ground` to a potential of 0.
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
