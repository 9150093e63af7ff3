"""Which rate of the priors speaks for each configuration of a node's parents."""

import numpy as np

from model.clusters import Index
from model.net import Net
from model.recipe import Recipe


def rate_owners(net: Net) -> dict[str, Index]:
    """Node -> the place of the rate in `priors.rates[node]`, (*parents,); for `diagnosis`, of the setting's shares.

    Parents that act by odds ratios do not choose the rate: every state of theirs has the same. Where the
    parents cannot be, the place is 0 and means nothing.
    """
    owners = {node: _owner(made.recipe) for node, made in net.means.made.items()}
    owners["diagnosis"] = np.arange(len(net.priors.shares))
    return owners


def _owner(recipe: Recipe) -> Index:
    sizes = np.diff(recipe.starts, append=len(recipe.configurations))
    owner = np.zeros(recipe.sizes, dtype=np.intp)
    owner[tuple(recipe.configurations.T)] = np.repeat(recipe.winners, sizes)
    return owner
