"""Terms of the Human Phenotype Ontology, drugs and gene tests of Phenopackets."""

import pytest

from model import Net
from model.cases.exchange import read_patient
from tests.helpers.exchange_files import feature, genetics, packet, reasons

SOME_WEAKNESS = {"weakness_severity": ["mild", "moderate", "severe"]}
CARDIAC, OCULAR, DISTAL = (
    {name: "present"} for name in ("cardiac_involvement", "fatigable_weakness", "distal_weakness")
)


@pytest.mark.parametrize(
    ("code", "findings"),
    [
        ("HP:0007340", SOME_WEAKNESS),
        ("HP:0003484", SOME_WEAKNESS),
        ("HP:0003690", SOME_WEAKNESS),
        ("HP:0003551", {"proximal_leg_weakness": "present"}),
        ("HP:0009077", DISTAL),
        ("HP:0031374", DISTAL),
        ("HP:0002058", {"facial_or_scapular_weakness": "present"}),
        ("HP:0000597", OCULAR),
        ("HP:0002571", {"dysphagia": "present"}),
        ("HP:0034305", CARDIAC),
        ("HP:0011704", CARDIAC),
        ("HP:0012723", CARDIAC),
        ("HP:6000313", CARDIAC),
        ("HP:0032234", {"ck_level": ["mild", "moderate", "high", "very_high"]}),
    ],
)
def test_a_term_says_what_the_vocabulary_can_say(shipped: Net, code: str, findings: dict[str, object]) -> None:
    for written in (
        code,
        code.replace(":", "_"),
        code.lower(),
        "http://purl.obolibrary.org/obo/" + code.replace(":", "_"),
    ):
        assert read_patient(packet(feature(written)), "file", shipped).case.findings == findings
    assert not read_patient(packet(feature(code, excluded=True)), "file", shipped).case.findings


@pytest.mark.parametrize("code", ["HP:0003201", "HP:0008942", "HP:0003558", "HP:0009045"])
def test_rhabdomyolysis_of_every_kind_is_a_diagnosis(shipped: Net, code: str) -> None:
    imported = read_patient(packet(feature(code)), "file", shipped)
    assert imported.case.diagnosis == "rhabdomyolysis"
    assert not imported.case.findings


def test_one_receptor_says_nothing_of_the_other(shipped: Net) -> None:
    for code in ("HP:0030208", "HP:0030210"):
        assert not read_patient(packet(feature(code, excluded=True)), "file", shipped).case.findings
        assert read_patient(packet(feature(code)), "file", shipped).case.findings == {"anti_achr": "positive"}


@pytest.mark.parametrize("code", ["HP:0002505", "HP:0002540", "HP:0008945"])
def test_who_cannot_walk_is_severely_weak_only_beside_a_sign_of_muscle_disease(shipped: Net, code: str) -> None:
    alone = read_patient(
        packet(feature(code), feature("HP:0001250"), feature("HP:0003701", excluded=True)), "f", shipped
    )
    assert "weakness_severity" not in alone.case.findings
    assert "beside a sign of muscle disease" in reasons(alone)["phenotypicFeatures[0].type"]
    for sign in ("HP:0003701", "HP:0003236", "HP:0003324", "HP:0003805"):
        beside = read_patient(packet(feature(code), feature(sign)), "file", shipped)
        assert beside.case.findings["weakness_severity"] == "severe"


# Drugs


@pytest.mark.parametrize(
    "code",
    ["RxNorm:36567", "RXNORM:83367", "CHEBI:9150", "CHEBI:39548", "DrugCentral:2445", "ATC:C10AA07", "SNOMED:373444002",
     "http://purl.obolibrary.org/obo/CHEBI_9150", "RxNorm:617318"],
)  # fmt: skip
def test_a_treatment_with_a_statin_is_an_exposure(shipped: Net, code: str) -> None:
    content = packet(medicalActions=[{"treatment": {"agent": {"id": code, "label": "x"}}}])
    assert read_patient(content, "file", shipped).case.findings == {"statin_exposure": "present"}


@pytest.mark.parametrize("code", ["RxNorm:8640", "CHEBI:8382", "DrugCentral:2253", "ATC:H02AB06", "SNOMED:116602009"])
def test_a_treatment_with_a_corticosteroid_says_why_it_is_none(shipped: Net, code: str) -> None:
    imported = read_patient(packet(medicalActions=[{"treatment": {"agent": {"id": code, "label": "x"}}}]), "f", shipped)
    assert not imported.case.findings
    assert "to treat it" in imported.left_out[0].reason


@pytest.mark.parametrize("code", ["CHEBI:10110", "DrugCentral:2861", "ATC:J05AR01", "SNOMED:387151007"])
def test_a_treatment_with_zidovudine_is_an_exposure(shipped: Net, code: str) -> None:
    content = packet(medicalActions=[{"treatment": {"agent": {"id": code, "label": "x"}}}])
    assert read_patient(content, "file", shipped).case.findings == {"zidovudine_exposure": "present"}


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("ATC:L01FF02", "checkpoint_inhibitor_exposure"),
        ("ATC:L01FX04", "checkpoint_inhibitor_exposure"),
        ("SNOMED:704191007", "checkpoint_inhibitor_exposure"),
        ("RxNorm:1547545", "checkpoint_inhibitor_exposure"),
        ("ATC:M04AC01", "vacuolar_drug_exposure"),
        ("CHEBI:5801", "vacuolar_drug_exposure"),
        ("DrugCentral:176", "vacuolar_drug_exposure"),
        ("RxNorm:703", "vacuolar_drug_exposure"),
        ("ATC:L01XX05", "culprit_drug_for_dm_rash"),
        ("CHEBI:44423", "culprit_drug_for_dm_rash"),
        ("ATC:L04AB04", "culprit_drug_for_dm_rash"),
    ],
)
def test_a_treatment_that_may_cause_the_disease_is_an_exposure(shipped: Net, code: str, finding: str) -> None:
    content = packet(medicalActions=[{"treatment": {"agent": {"id": code, "label": "x"}}}])
    assert read_patient(content, "file", shipped).case.findings == {finding: "present"}


# Gene tests


@pytest.mark.parametrize(
    "code",
    ["OMIM:181350", "OMIM:310300", "OMIM:310200", "OMIM:300376", "OMIM:253600", "OMIM:254090", "OMIM:158810",
     "OMIM:160900", "OMIM:602668", "OMIM:164300", "OMIM:607855", "ORPHA:98853", "ORPHA:98896", "ORPHA:610", "ORPHA:899",
     "MONDO:0010679", "MONDO:0021569", "MONDO_0009675"],
)  # fmt: skip
def test_a_causative_variant_of_any_muscular_dystrophy_is_a_positive_test(shipped: Net, code: str) -> None:
    for acmg in ("PATHOGENIC", "LIKELY_PATHOGENIC"):
        findings = read_patient(genetics(code, acmg=acmg), "file", shipped).case.findings
        assert findings == {"dystrophy_gene_test": "positive"}


@pytest.mark.parametrize("gene", ["CAPN3", "DYSF", "DMD", "SGCA", "EMD"])
def test_a_gene_of_dystrophies_only_is_enough(shipped: Net, gene: str) -> None:
    findings = read_patient(genetics("LOCAL:1", gene=gene), "file", shipped).case.findings
    assert findings == {"dystrophy_gene_test": "positive"}


@pytest.mark.parametrize(
    "code",
    ["OMIM:232300", "OMIM:232600", "OMIM:255110", "OMIM:540000", "OMIM:530000", "ORPHA:550", "ORPHA:365", "ORPHA:157"],
)
def test_a_causative_variant_of_a_metabolic_or_mitochondrial_myopathy_is_a_positive_test(
    shipped: Net, code: str
) -> None:
    for acmg in ("PATHOGENIC", "LIKELY_PATHOGENIC"):
        findings = read_patient(genetics(code, acmg=acmg), "file", shipped).case.findings
        assert findings == {"metabolic_test": "positive"}
    assert read_patient(genetics("LOCAL:1", gene="PYGM"), "f", shipped).case.findings == {"metabolic_test": "positive"}


@pytest.mark.parametrize(
    ("code", "more", "named"),
    [
        ("OMIM:176670", {"gene": "LMNA"}, "disease"),  # progeria
        ("OMIM:181350", {"acmg": "UNCERTAIN_SIGNIFICANCE"}, "not classified as pathogenic"),
        ("OMIM:181350", {"acmg": "BENIGN"}, "not classified as pathogenic"),
        ("OMIM:181350", {"status": "CANDIDATE"}, "not stated to cause"),
        ("OMIM:181350", {"status": "REJECTED"}, "not stated to cause"),
        ("LOCAL:1", {"gene": "TTN"}, "gene test"),  # several diseases, not all of them dystrophies
    ],
)
def test_another_variant_is_not(shipped: Net, code: str, more: dict[str, str], named: str) -> None:
    imported = read_patient(genetics(code, **more), "file", shipped)
    assert not imported.case.findings
    assert named in reasons(imported)["interpretations[0].diagnosis.genomicInterpretations[0]"]
