"""Both networks, the same in pyAgrum, and what the tests ask of each."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import strategies as st

import model
from model.errors import ImpossibleEvidence
from model.priors.folder import SHIPPED
from tests.helpers.places import SMALL
from tests.helpers.references import Agrum, agree

NETS = {folder.name: model.load(folder) for folder in (SMALL, SHIPPED)}
AGRUM = {name: Agrum(net.network) for name, net in NETS.items()}

each_net = pytest.mark.parametrize("name", NETS)


def setting_of(net: model.Net) -> st.SearchStrategy[str]:
    return st.sampled_from(net.vocabulary.settings)


def finding_variables(net: model.Net) -> list[Any]:
    return [net.vocabulary.variables[finding] for finding in net.vocabulary.findings]


def agree_or_both_refuse(
    name: str, ours: Callable[[], Mapping[str, float]], node: str, evidence: Mapping[str, Any]
) -> None:
    """Our answer is pyAgrum's for `node`; or both find the evidence impossible."""
    try:
        answer = ours()
    except ImpossibleEvidence:
        assert AGRUM[name].impossible(evidence)
    else:
        agree(answer, AGRUM[name].posterior(node, evidence))


CONFLICTS: dict[str, dict[str, object]] = {
    "two signs": {"heliotrope_rash": "present", "finger_flexor_weakness": "present"},
    "a sign and a diagnosis": {"heliotrope_rash": "present", "diagnosis": "mimic"},
    "a sign and an antibody": {"antibody": "mi2", "finger_flexor_weakness": "present"},
    "one sign against everything else": {
        "antibody": "mi2", "heliotrope_rash": "present", "v_sign": "present", "muscle": "high", "skin": "florid",
        "finger_flexor_weakness": "present",
    },
    "an age and a diagnosis": {"diagnosis": "inclusion_body_myositis", "age_at_onset": "0-17"},
}  # fmt: skip
POSSIBLE: dict[str, object] = {"ck_level": 3, "aldolase": "elevated", "anti_mi2": "negative", "v_sign": "present"}
