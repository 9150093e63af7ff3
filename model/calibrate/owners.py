"""Which rate of the priors speaks for each configuration of a node's parents."""

from itertools import product

import numpy as np

from model.clusters import Index
from model.priors import Priors
from model.recipe import _winner as winning_rate


def rate_owners(priors: Priors) -> dict[str, Index]:
    """Node -> the place of the rate in `priors.rates[node]`, (*parents,); for `diagnosis`, of the setting's shares.

    Parents that act by odds ratios do not choose the rate: every state of theirs has the same.
    """
    owners: dict[str, Index] = {}
    for node, rates in priors.rates.items():
        parents = priors.parents[node]
        effect_parents = {effect.parent for effect in priors.effects.get(node, ())}
        choosing = [p for p in parents if p not in effect_parents]
        shape = [len(priors.vocabulary.variables[p].states) for p in parents]
        owner = np.zeros([n if p in choosing else 1 for p, n in zip(parents, shape, strict=True)], dtype=np.intp)
        states = [priors.vocabulary.variables[p].states if p in choosing else ("",) for p in parents]
        for place, chosen in zip(np.ndindex(owner.shape), product(*states), strict=True):
            configuration = {p: s for p, s in zip(parents, chosen, strict=True) if p in choosing}
            owner[place] = winning_rate(priors, rates, node, configuration)
        owners[node] = np.broadcast_to(owner, shape)
    owners["diagnosis"] = np.arange(len(priors.shares))
    return owners
