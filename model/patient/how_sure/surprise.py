"""Does any modelled disease produce such findings? A prior predictive check for each disease.

For each diagnosis, the probability of the patient's findings is compared with that of the findings of imagined
patients who have it (Box 1980; for atypical patients in diagnosis: Habbema 1976). One sample serves all diagnoses. It
has the same number of patients for each diagnosis, and a patient counts for diagnosis d with the weight
P(findings | d) / mean over k of P(findings | k) (multiple importance sampling, balance heuristic: Veach & Guibas
1995). Findings that are rare in d then occur often enough, in the patients with other diseases.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.inference.coalition_joints import known
from model.inference.hard_evidence import joint_of_patients
from model.inference.junction_tree import Index
from model.inference.net import Findings, Net, Setting
from model.network.ancestors import ancestors
from model.network.build import Array
from model.patient.phrases import diagnosis_phrase, percent
from model.patient.thresholds import thresholds
from model.priors.vocabulary import Vocabulary

PATIENTS_OF_EACH = 400
NOT_A_DISEASE = "other_condition"


@dataclass(frozen=True)
class Surprise:
    """How well the findings fit each diagnosis.

    fit[d]: share of patients with d whose findings are at most as probable as these; 0 if the setting or the findings
    exclude d. best: the modelled disease with the largest share, best_fit. fits: best_fit reaches the threshold
    `surprise_share`. sentence: a warning; empty if `fits`.
    """

    fit: Mapping[str, float]
    best: str
    best_fit: float
    fits: bool
    sentence: str


def surprise(net: Net, findings: Findings, setting: Setting = None, seed: int = 0) -> Surprise:
    """How improbable the findings are among patients with each diagnosis, by seeded simulation.

    Findings without a single state (several states, likelihoods) are ignored, because they cannot be drawn. Of the
    patients with a modelled disease, at most the share `surprise_share` is reported not to fit.
    """
    evidence = net.evidence(findings, setting)
    states = {name: int(evidence.states[name]) for name in known(net, findings) if name in evidence.states}
    states.pop("diagnosis", None)
    referral = int(evidence.states.get("setting", 0))
    imagined = imagine(net, tuple(states), referral, PATIENTS_OF_EACH, seed)
    shares = _as_improbable(net, states, referral, imagined)
    fit = dict(zip(net.vocabulary.diagnoses, shares.tolist(), strict=True))
    best = max((d for d in fit if d != NOT_A_DISEASE), key=lambda d: fit[d])
    limit = thresholds(net.priors).get("surprise_share", 0.0)
    fits = fit[best] >= limit
    return Surprise(fit, best, fit[best], fits, "" if fits else _sentence(net.vocabulary, best, fit[best]))


def imagine(net: Net, names: tuple[str, ...], setting: int, of_each: int, seed: int) -> dict[str, Index]:
    """State indices of `names` in `of_each` imagined patients with every diagnosis, each (diagnoses * of_each,).

    Every node has its own random generator, so that one more finding does not change the others.
    """
    network = net.network
    wanted = ancestors(network.parents, names)
    count = len(net.vocabulary.diagnoses) * of_each
    states: dict[str, Index] = {
        "setting": np.full(count, setting),
        "diagnosis": np.repeat(np.arange(len(net.vocabulary.diagnoses)), of_each),
    }
    for index, node in enumerate(network.nodes):
        if node in wanted and node not in states:
            cumulative = network.tables[node].cumsum(axis=-1)[..., :-1]
            chosen = cumulative[tuple(states[parent] for parent in network.parents[node])]
            draws = np.random.default_rng((seed, index)).random((count, 1))
            states[node] = (draws >= chosen).sum(axis=-1)
    return {name: states[name] for name in names}


def _as_improbable(net: Net, states: Mapping[str, int], setting: int, imagined: Mapping[str, Index]) -> Array:
    """Share of the patients with each diagnosis whose findings are at most as probable as `states`, (diagnoses,)."""
    count = len(net.vocabulary.diagnoses) * PATIENTS_OF_EACH
    rows = {name: np.concatenate([[-1, state], imagined[name]]) for name, state in states.items()}
    rows["setting"] = np.full(count + 2, setting)
    joint = joint_of_patients(net.engine, rows, count + 2)
    possible = joint[0] > 0
    given = np.divide(joint[1:], joint[0], out=np.zeros_like(joint[1:]), where=possible)
    patient, others = given[0], given[1:]
    counts = others / np.maximum(others[:, possible].mean(axis=1, keepdims=True), np.finfo(float).tiny)
    as_improbable = others <= patient * (1 + 1e-9)
    total = counts.sum(axis=0)
    share = np.divide((counts * as_improbable).sum(axis=0), total, out=np.zeros_like(total), where=total > 0)
    return np.where(patient > 0, np.maximum(share, patient), 0)


def _sentence(vocabulary: Vocabulary, best: str, share: float) -> str:
    return (
        f"These findings fit no diagnosis of this model well (best: {diagnosis_phrase(vocabulary, best)}; "
        f"{percent(share)} of such patients look as unusual)."
    )
