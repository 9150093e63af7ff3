"""EULAR/ACR 2017 classification (Lundberg et al 2017) as a baseline: score, probability, subgroup tree.

Unknown items add nothing, as in the published calculator.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path

import numpy as np

from model.evidence import is_unknown
from model.network import Array
from model.tables import Row, read_table
from model.vocabulary import Vocabulary

RASHES = ("heliotrope_rash", "gottron_papules", "gottron_sign")
WEAKNESS = (
    "proximal_arm_weakness", "proximal_leg_weakness", "neck_flexor_weakness", "legs_proximal_weaker_than_distal",
)  # fmt: skip
LEAVES = {
    "JDM": ("juvenile_dermatomyositis",),
    "DM": ("dermatomyositis",),
    "ADM": ("amyopathic_dermatomyositis",),
    "IBM": ("inclusion_body_myositis",),
    "PM": ("polymyositis", "immune_mediated_necrotizing_myopathy"),
}


@dataclass(frozen=True)
class Classification:
    """Score in tenths, probability of IIM, whether the cut-off is met, and the leaf of the subgroup tree."""

    tenths: int
    probability: float
    classified: bool
    leaf: str | None


@cache
def _tables(folder: Path) -> tuple[tuple[Row, ...], Mapping[str, float]]:
    columns = ["item", "any_of", "without_biopsy_tenths", "with_biopsy_tenths"]
    items = read_table(folder / "eular_acr_2017.csv", columns)
    settings = read_table(folder / "eular_acr_2017_settings.csv", ["name", "value"])
    return tuple(items), {row["name"]: row.number("value", 0, 1000) for row in settings}


def classify(findings: Mapping[str, object], vocabulary: Vocabulary, folder: Path) -> Classification:
    """Classify one patient; `folder` holds the criteria tables."""
    items, settings = _tables(folder)
    states = {n: vocabulary.variable(n).state(v) for n, v in findings.items() if not is_unknown(v)}
    biopsied = any(name.startswith("biopsy_") for name in states)
    kind = "with_biopsy" if biopsied else "without_biopsy"

    def met(item: Row) -> bool:
        return any(states.get(c.split("=")[0]) == c.split("=")[1] for c in item.words("any_of"))

    tenths = int(sum(item.number(f"{kind}_tenths", 0, 100) for item in items if met(item)))
    probability = 1 / (1 + exp(settings[f"intercept_{kind}"] - tenths / 10))
    classified = tenths >= settings[f"probable_{kind}_tenths"]
    return Classification(tenths, probability, classified, _leaf(states) if classified else None)


def _leaf(states: Mapping[str, str]) -> str:
    rash = any(states.get(r) == "present" for r in RASHES)
    if states.get("age_at_onset") == "0-17":
        return "JDM" if rash else "PM"
    if rash:
        return "DM" if any(states.get(w) == "present" for w in WEAKNESS) else "ADM"
    refractory = states.get("immunosuppression_response") == "not_improved"
    if states.get("biopsy_rimmed_vacuoles") == "present" or (
        states.get("finger_flexor_weakness") == "present" and refractory
    ):
        return "IBM"
    return "PM"


def probabilities(findings: Mapping[str, object], prior: Array, vocabulary: Vocabulary, folder: Path) -> Array:
    """The classification as probabilities, (diagnoses,).

    The probability of IIM goes to the leaf's diagnoses (to all of IIM without a leaf), the rest to the
    mimics, each shared out by the prior; a small share of the prior keeps every diagnosis possible.
    """
    result = classify(findings, vocabulary, folder)
    order = list(vocabulary.diagnoses)
    inside = LEAVES[result.leaf] if result.leaf else vocabulary.families["iim"]
    share = np.zeros(len(order))
    for members, mass in (
        (inside, result.probability),
        (vocabulary.families["mimic"], 1 - result.probability),
    ):
        places = [order.index(d) for d in members]
        weights = np.maximum(prior[places], 1e-12)
        share[places] += mass * weights / weights.sum()
    mixed = _tables(folder)[1]["prior_share_percent"] / 100
    return (1 - mixed) * share + mixed * prior
