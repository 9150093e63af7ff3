"""What groups, families, states and findings are called on the screens."""

from collections.abc import Mapping, Sequence

from model.patient.phrases import enumeration
from model.priors.vocabulary import Vocabulary
from model.report.words import finding_text

GROUP_LABELS = {
    "context": "Context",
    "muscle": "Muscle",
    "skin": "Skin",
    "systemic": "Systemic",
    "lab": "Laboratory",
    "antibody": "Antibodies",
    "emg": "EMG",
    "imaging": "MRI",
    "biopsy": "Biopsy",
    "genetic": "Gene test",
    "course": "Course",
}
FAMILY_LABELS = {"iim": "Inflammatory myopathy", "mimic": "Mimic or other condition"}


def state_label(state: str) -> str:
    """How a state reads on the screen."""
    return state.replace("_", " ")


def finding_list(vocabulary: Vocabulary, names: Sequence[str], findings: Mapping[str, object]) -> str:
    """Some of the findings as an enumeration."""
    return enumeration([finding_text(vocabulary, name, findings.get(name)) for name in names])
