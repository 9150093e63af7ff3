"""The network rebuilt with one number changed: the reference for everything that changes numbers in place."""

from dataclasses import replace

from model.calibrate.numbers import ODDS_RATIO, by_key
from model.calibrate.rates import rate_values, with_values
from model.inference.net import Net


def rebuilt(net: Net, key: str, value: float) -> Net:
    """The network rebuilt with one number changed, the other states in proportion."""
    number = by_key(net.priors)[key]
    if number.kind == ODDS_RATIO:
        changed = {node: tuple(replace(e, odds_ratio=value) if e.row == number.row else e for e in effects)
                   for node, effects in net.priors.effects.items()}  # fmt: skip
        return Net(replace(net.priors, effects=changed))
    values = {node: array.copy() for node, array in rate_values(net.priors).items()}
    index = next(i for i, rate in enumerate(net.priors.rates[number.node]) for row in rate.rows
                 if (row.file, row.line) == (number.row.file, number.row.line))  # fmt: skip
    state = net.vocabulary.variables[number.node].states.index(number.state)
    own = values[number.node][index]
    own *= (1 - value / 100) / (1 - own[state])
    own[state] = value / 100
    return Net(with_values(net.priors, values))
