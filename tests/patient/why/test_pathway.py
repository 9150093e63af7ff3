"""The pathway of a finding: its carriers, and the rows of the priors behind it."""

import csv
import math

import pytest

import model
from model.errors import InputError
from model.patient.why.pathway import pathway
from model.patient.why.weight_of_evidence import weigh

JO1: dict[str, object] = {
    "age_at_onset": 54,
    "ck_level": 23.5,
    "anti_jo1": "positive",
    "interstitial_lung_disease": "present",
    "proximal_leg_weakness": "present",
    "weakness_severity": "moderate",
    "heliotrope_rash": "absent",
}


@pytest.mark.parametrize("rival", [None, "dermatomyositis"])
def test_the_likelihood_ratio_is_the_weight_lost_without_the_finding(shipped: model.Net, rival: str | None) -> None:
    for weight in weigh(shipped, JO1, diagnosis="antisynthetase_syndrome", rival=rival).weights:
        path = pathway(shipped, JO1, weight.finding, diagnosis="antisynthetase_syndrome", rival=rival)
        assert path.log_likelihood_ratio == pytest.approx(weight.leave_one_out, abs=1e-9)


def test_the_probability_of_a_process_is_its_marginal_without_and_with_the_finding(shipped: model.Net) -> None:
    others = {name: value for name, value in JO1.items() if name != "ck_level"}
    (damage,) = [c for c in pathway(shipped, JO1, "ck_level").carriers if c.variable == "muscle_damage"]
    assert dict(damage.without) == pytest.approx(shipped.marginal("muscle_damage", others), abs=1e-9)
    assert dict(damage.with_finding) == pytest.approx(shipped.marginal("muscle_damage", JO1), abs=1e-9)
    assert damage.with_finding["high"] > damage.without["high"]


@pytest.mark.parametrize("assay", ["anti_jo1", "anti_mi2", "anti_srp", "anti_mda5"])
@pytest.mark.parametrize("rival", [None, "dermatomyositis", "overlap_myositis"])
def test_an_assay_has_its_whole_effect_through_the_true_antibody(
    shipped: model.Net, assay: str, rival: str | None
) -> None:
    findings = {assay: "positive", "fever": "present", "ck_level": 4}
    (antibody,) = pathway(shipped, findings, assay, diagnosis="antisynthetase_syndrome", rival=rival).carriers
    assert antibody.variable == "autoantibody"
    assert antibody.share == pytest.approx(1, abs=1e-9)


def test_the_share_of_a_process_is_the_evidence_that_vanishes_once_it_is_known(shipped: model.Net) -> None:
    """By definition: each state of the process is entered as evidence."""
    findings = {"aldolase": "elevated", "fever": "absent"}
    sides = ("dermatomyositis", "fibromyalgia")
    path = pathway(shipped, findings, "aldolase", diagnosis=sides[0], rival=sides[1])
    (damage,) = [c for c in path.carriers if c.variable == "muscle_damage"]
    belief = shipped.marginal("muscle_damage", {**findings, "diagnosis": list(sides)})
    left = 0.0
    for state, chance in belief.items():
        with_it, without = (shipped.posterior({**f, "muscle_damage": state}) for f in (findings, {"fever": "absent"}))
        ratio = math.log(with_it[sides[0]] / with_it[sides[1]]) - math.log(without[sides[0]] / without[sides[1]])
        left += chance * ratio
    assert damage.share == pytest.approx(1 - left / path.log_likelihood_ratio, abs=1e-9)


def test_a_parent_that_is_itself_known_carries_nothing(shipped: model.Net) -> None:
    carriers = {c.variable: c for c in pathway(shipped, JO1, "proximal_leg_weakness").carriers}
    severity = carriers["weakness_severity"]
    assert severity.observed and severity.share == 0
    assert severity.with_finding["moderate"] == 1


def test_a_finding_below_the_diagnosis_alone_has_no_carrier(shipped: model.Net) -> None:
    assert pathway(shipped, JO1, "age_at_onset").carriers == ()


def test_every_row_is_at_the_line_that_it_names(shipped: model.Net) -> None:
    for finding in JO1:
        rows = pathway(shipped, JO1, finding).rows
        assert rows
        for row in rows:
            path = shipped.priors.folder / row.row.file
            with path.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file)
                (cells,) = [cells for cells in reader if reader.line_num == row.row.line]
            assert cells["node"] == row.node and cells["grade"] == row.grade
            if cells["state"] == row.state and cells.get("percent"):
                assert row.percent == pytest.approx(float(cells["percent"]), rel=1e-3)
            assert row.citations and all(citation for citation in row.citations)


def test_rows_describe_the_diagnosis_and_what_it_is_compared_with(shipped: model.Net) -> None:
    path = pathway(shipped, {"heliotrope_rash": "present"}, "heliotrope_rash", rival="inclusion_body_myositis")
    assert path.compared_with == "inclusion_body_myositis"
    own = [row for row in path.rows if row.node == "heliotrope_rash" and row.percent is not None]
    assert own[0].of == "dermatomyositis" and own[0].percent == pytest.approx(65)
    assert len(own) >= 2


def test_soft_evidence_and_several_states_have_a_pathway_too(shipped: model.Net) -> None:
    findings: dict[str, object] = {
        **JO1,
        "emg": ["myopathic", "myopathic_irritable"],
        "fever": {"absent": 1, "present": 3},
    }
    for finding, state in (("emg", "myopathic"), ("fever", "present")):
        path = pathway(shipped, findings, finding, diagnosis="antisynthetase_syndrome")
        assert math.isfinite(path.log_likelihood_ratio)
        assert path.rows[0].state == state


def test_a_folder_without_sources_gives_the_keys(small: model.Net) -> None:
    path = pathway(small, {"heliotrope_rash": "present"}, "heliotrope_rash")
    assert [c.variable for c in path.carriers] == ["skin"]
    assert path.rows[0].citations == ()


def test_only_entered_findings_have_a_pathway(shipped: model.Net) -> None:
    for finding in ("fever", "no_such_finding"):
        with pytest.raises(InputError, match="not among the findings entered"):
            pathway(shipped, JO1, finding)
    with pytest.raises(InputError, match="did you mean dermatomyositis"):
        pathway(shipped, JO1, "anti_jo1", diagnosis="dermatomyositi")
