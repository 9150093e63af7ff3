"""P(diagnosis, subset of a patient's findings) for many subsets in one batch.

A coalition is a subset of the findings; the findings outside it count as unknown.
"""

from dataclasses import dataclass

import numpy as np

from model.inference.coalition_joints import known, log_joints
from model.inference.junction_tree import Index
from model.inference.net import Findings, Net, Setting
from model.network.build import Array

MOST_FOR_ALL_COALITIONS = 14
ORDERS = 256


@dataclass(frozen=True)
class Coalitions:
    """ln P(diagnosis, coalition | setting) of the coalitions that weights of evidence need.

    names: the findings, in the order of the vocabulary, so that results do not depend on the order of entry.
    log_joint: (coalitions, diagnoses), -inf if impossible. Coalition 0 is empty, the last has all findings.
    without: index of the coalition that leaves one finding out, (findings,). orders: None if all 2^n coalitions are
    included; the bits of a coalition's index then say which findings it has. Else random orders of the findings,
    (orders, findings): the second half are the reverses of the first. prefixes: index of the coalition of the first k
    findings of each order, (orders, findings + 1).

    Examples
    --------
    >>> import model
    >>> model.load().patient({"ck_level": 12, "fever": "present"}).coalitions.log_joint.shape
    (4, 30)
    """

    findings: Findings
    names: tuple[str, ...]
    diagnoses: tuple[str, ...]
    log_joint: Array
    without: Index
    orders: Index | None = None
    prefixes: Index | None = None

    @property
    def leading(self) -> str:
        """The most probable diagnosis given all findings."""
        return self.diagnoses[int(self.log_joint[-1].argmax())]


def all_or_sampled(net: Net, findings: Findings, setting: Setting = None, seed: int = 0) -> Coalitions:
    """All coalitions of up to MOST_FOR_ALL_COALITIONS findings; for more findings, those along ORDERS random orders.

    Raises InputError for an unknown word and ImpossibleEvidence for findings that no diagnosis allows together.
    """
    net.posterior(findings, setting)
    names = known(net, findings)
    if len(names) <= MOST_FOR_ALL_COALITIONS:
        numbers = np.arange(2 ** len(names))
        chosen = (numbers[:, None] >> np.arange(len(names))) & 1 == 1
        without = numbers[-1] - (1 << np.arange(len(names)))
        return Coalitions(
            findings, names, net.vocabulary.diagnoses, log_joints(net, findings, setting, chosen), without
        )
    return _sampled(net, findings, setting, names, seed)


def _sampled(net: Net, findings: Findings, setting: Setting, names: tuple[str, ...], seed: int) -> Coalitions:
    count = len(names)
    half = np.argsort(np.random.default_rng(seed).random((ORDERS // 2, count)), axis=1)
    orders = np.concatenate([half, half[:, ::-1]])
    position = np.argsort(orders, axis=1)
    along = position[:, None, :] < np.arange(count + 1)[:, None]
    every = np.concatenate([along.reshape(-1, count), ~np.eye(count, dtype=bool)])
    chosen, index = np.unique(every, axis=0, return_inverse=True)
    index = index.reshape(-1)
    prefixes = index[: along.shape[0] * (count + 1)].reshape(along.shape[:2])
    log_joint = log_joints(net, findings, setting, chosen)
    return Coalitions(findings, names, net.vocabulary.diagnoses, log_joint, index[-count:], orders, prefixes)
