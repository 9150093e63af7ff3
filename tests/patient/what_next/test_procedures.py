"""The table of procedures: the findings of each, and the error message for a fault."""

from collections import Counter
from pathlib import Path
from shutil import copytree

import pytest

import model
from model.errors import InputError
from model.patient.what_next.procedures import procedures_of
from model.priors.folder import read_priors

HEAD = "id,label,findings,cost,burden,days,grade,source,locator,note\n"
BIOPSY = "skin_biopsy,Skin biopsy,heliotrope_rash,15,3,10,D,expert_analogy,,\n"


def test_every_finding_comes_from_exactly_one_procedure(shipped: model.Net) -> None:
    procedures = procedures_of(shipped.priors)
    assert Counter(f for p in procedures for f in p.findings) == Counter(shipped.vocabulary.findings)


def test_taking_a_history_burdens_least_and_a_trial_of_treatment_most(shipped: model.Net) -> None:
    by_burden = sorted(procedures_of(shipped.priors), key=lambda procedure: procedure.burden)
    assert (by_burden[0].id, by_burden[-1].id) == ("history_and_examination", "trial_of_treatment")
    assert by_burden[-2].id == "muscle_biopsy"


def test_assumed_costs_and_burdens_are_graded_as_assumed_and_noted(shipped: model.Net) -> None:
    for procedure in procedures_of(shipped.priors):
        assert procedure.row["grade"] == "D" and "assumption" in procedure.row["note"]


def test_a_folder_without_the_table_has_no_procedures(small: model.Net) -> None:
    assert procedures_of(small.priors) == ()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (BIOPSY.replace("heliotrope_rash", "heliotrop_rash"), "line 2, field findings.*did you mean heliotrope_rash"),
        (BIOPSY.replace("heliotrope_rash", ""), "line 2, field findings: name at least one finding"),
        (
            BIOPSY + BIOPSY.replace("skin_biopsy", "again"),
            "line 3, field findings.*is already a finding of skin_biopsy",
        ),
        (BIOPSY + BIOPSY.replace("heliotrope_rash", "v_sign"), "line 3, field id: 'skin_biopsy' occurs twice"),
        (BIOPSY.replace(",15,", ",150,"), "line 2, field cost: 150 is not between 0 and 100"),
        (BIOPSY.replace(",3,", ",much,"), "line 2, field burden: 'much' is not a number"),
        (BIOPSY.replace(",D,", ",E,"), "line 2, field grade: 'E' is not known"),
        (BIOPSY.replace("expert_analogy", "hearsay"), "line 2, field source: 'hearsay' is not"),
    ],
)
def test_a_fault_names_file_line_and_field(rows: str, message: str, small: model.Net, tmp_path: Path) -> None:
    folder = copytree(small.priors.folder, tmp_path / "priors")
    (folder / "sources.csv").write_text("source,citation\nexpert_analogy,An assumption\n")
    (folder / "procedures.csv").write_text(HEAD + rows)
    with pytest.raises(InputError, match=rf"procedures\.csv, {message}"):
        procedures_of(read_priors(folder))
