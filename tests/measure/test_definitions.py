"""The numbers obey what the diagnoses mean."""

import model
from model.measure.definitions import definitions


def test_every_class_has_what_defines_it_and_lacks_what_it_excludes(shipped: model.Net) -> None:
    broken = [
        f"{o.row['diagnosis']} {o.row['rule']} {o.row['finding']}={o.row['states']}: {o.implied_percent:.1f} %"
        for o in definitions(shipped)
        if not o.holds
    ]
    assert not broken


def test_every_new_class_and_every_form_of_dermatomyositis_has_a_definition(shipped: model.Net) -> None:
    defined = {row["diagnosis"] for row in shipped.priors.tables["definitions"]}
    left_over = {"other_condition", "muscular_dystrophy", "infectious_myositis", "myasthenia_gravis"}
    assert set(shipped.vocabulary.diagnoses) - defined == left_over


def test_the_parts_of_a_mixture_add_up_to_the_whole_and_to_their_forms(shipped: model.Net) -> None:
    rows = shipped.priors.tables["mixtures"]
    for diagnosis in {row["diagnosis"] for row in rows}:
        parts = [row for row in rows if row["diagnosis"] == diagnosis]
        assert abs(sum(float(row["percent"]) for row in parts) - 100) < 0.05
        forms = shipped.marginal("mimic_form", {"diagnosis": diagnosis})
        for form in {row["form"] for row in parts} - {""}:
            share = sum(float(row["percent"]) for row in parts if row["form"] == form)
            assert abs(share - 100 * forms[form]) < 0.05, (diagnosis, form)
