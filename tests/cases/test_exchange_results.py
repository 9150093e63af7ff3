"""Results in every form of a FHIR Observation, and the reference range that applies to the patient."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Net
from model.cases.exchange import read_patient
from model.cases.exchange.codes import read_exchange
from model.cases.exchange.results import read_words, times
from tests.helpers.exchange_files import bundle, coded, creatine_kinase, observation, patient

CK, JO1, ANA, AST = "2157-6", "8076-2", "5048-4", "1920-8"
LIMIT = [{"high": {"value": 200, "unit": "U/L"}}]


def read(net: Net, *entries: dict[str, Any], **person: Any) -> tuple[dict[str, object], str]:
    imported = read_patient(bundle(patient(**person), *entries), "file", net)
    findings = {name: value for name, value in imported.case.findings.items() if name != "sex"}
    return findings, imported.left_out[0].reason if imported.left_out else ""


# Forms of a result


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ({"valueInteger": 5000}, 25),
        ({"valueQuantity": {"value": 5000, "unit": "IU/L"}}, 25),
        ({"valueQuantity": {"value": 5000, "code": "U/L", "unit": "U/l"}}, 25),
        ({"valueQuantity": {"value": 5, "unit": "U/mL"}}, 25),
        ({"valueString": "5000"}, 25),
        ({"valueString": "5000 U/L"}, 25),
        ({"valueString": "> 5000 U/L"}, ["high", "very_high"]),
        ({"valueRange": {"low": {"value": 4000}, "high": {"value": 6000}}}, "high"),
        ({"valueRange": {"low": {"value": 1500}, "high": {"value": 6000}}}, ["moderate", "high"]),
        ({"valueRange": {"low": {"value": 10001}}}, "very_high"),
        ({"valueQuantity": {"value": 2000, "comparator": ">", "unit": "U/L"}}, ["high", "very_high"]),
        ({"valueQuantity": {"value": 2000, "comparator": ">=", "unit": "U/L"}}, ["moderate", "high", "very_high"]),
        ({"valueQuantity": {"value": 200, "comparator": "<", "unit": "U/L"}}, "normal"),
        ({"valueString": "normal"}, "normal"),
        ({"valueString": "erhöht"}, ["mild", "moderate", "high", "very_high"]),
    ],
)
def test_creatine_kinase_is_read_in_every_form(shipped: Net, value: dict[str, Any], level: object) -> None:
    assert read(shipped, observation(CK, referenceRange=LIMIT, **value))[0] == {"ck_level": level}


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({"valueString": "see the letter"}, "a text that is not understood (“see the letter”)"),
        ({"valueString": "1.500"}, "not understood"),
        ({"valueString": "5,000"}, "not understood"),
        ({"valueSampledData": {"data": "1 2 3"}}, "a series of samples"),
        ({"valueDateTime": "2020-01-01"}, "given as a date"),
        ({"valuePeriod": {"start": "2020-01-01"}}, "a period of time"),
        (
            {"valueRatio": {"numerator": {"value": 5, "unit": "mg"}, "denominator": {"value": 1, "unit": "L"}}},
            "a ratio",
        ),
        ({"valueQuantity": {"value": 5000, "comparator": "ad", "unit": "U/L"}}, "comparator “ad”"),
        ({"valueCodeableConcept": coded("http://local.example", "R7")}, "without a known meaning (R7)"),
    ],
)
def test_what_cannot_be_read_is_named(shipped: Net, value: dict[str, Any], named: str) -> None:
    findings, reason = read(shipped, observation(CK, referenceRange=LIMIT, **value))
    assert not findings
    assert named in reason


def test_a_text_that_names_the_patient_is_not_repeated(shipped: Net) -> None:
    entry = observation(CK, valueString="of Erika")
    reason = read(shipped, entry, name=[{"given": ["Erika"]}])[1]
    assert "Erika" not in reason and "not understood" in reason


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"valueCodeableConcept": {"text": "Positive"}}, "positive"),
        ({"valueCodeableConcept": {"text": "NEGATIVE."}}, "negative"),
        ({"valueCodeableConcept": coded("http://local.example", "1", text="not detected")}, "negative"),
        ({"valueCodeableConcept": {"coding": [{"system": "http://local.example", "code": "1", "display": "Positive"}]}},
         "positive"),
        ({"valueCodeableConcept": coded("http://loinc.org", "LA33-6")}, "positive"),
        ({"valueString": "weakly positive"}, "positive"),
        ({"valueString": "négatif"}, "negative"),
        ({"valueBoolean": False}, "negative"),
        ({"interpretation": [{"text": "Positive"}], "valueString": "see comment"}, "positive"),
        ({"valueString": "borderline"}, None),
        ({"valueCodeableConcept": {"text": "Positive"}, "interpretation": [{"text": "Negative"}]}, None),
        ({"valueString": "not positive"}, None),
    ],
)  # fmt: skip
def test_a_word_is_a_result(shipped: Net, value: dict[str, Any], result: str | None) -> None:
    assert read(shipped, observation(JO1, **value))[0] == ({"anti_jo1": result} if result else {})


# Titres


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 640}}}, "positive"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 160}}}, "positive"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 80}}}, "negative"),
        ({"valueRatio": {"numerator": {"value": 1, "comparator": "<"}, "denominator": {"value": 80}}}, "negative"),
        ({"valueString": "1:640"}, "positive"),
        ({"valueString": "1:320 speckled"}, "positive"),
        ({"valueString": "Positive (1:1280)"}, "positive"),
        ({"valueString": ">1:640"}, "positive"),
        ({"valueString": "<1:40"}, "negative"),
        ({"valueString": "negative"}, "negative"),
        ({"valueString": "positive 1:80"}, "negative"),
        ({"valueInteger": 320}, "positive"),
        ({"valueQuantity": {"value": 80, "unit": "{titer}"}}, "negative"),
        ({"valueString": "> 1:40"}, None),
        ({"valueString": "< 1:320"}, None),
        ({"valueString": "1:40 to 1:160"}, None),
        ({"valueQuantity": {"value": 320, "unit": "U/mL"}}, None),
    ],
)
def test_a_titre_is_compared_with_the_threshold_of_the_finding(
    shipped: Net, value: dict[str, Any], result: str | None
) -> None:
    findings, reason = read(shipped, observation(ANA, **value))
    assert findings == ({"ana": result} if result else {})
    assert result or reason


def test_a_titre_without_a_threshold_is_named(shipped: Net) -> None:
    findings, reason = read(shipped, observation(JO1, valueString="1:640"))
    assert not findings
    assert "no threshold" in reason


@given(titre=st.integers(1, 100_000))
def test_a_titre_reads_the_same_in_every_form(shipped: Net, titre: int) -> None:
    ratio = {"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": titre}}}
    forms = (ratio, {"valueString": f"1:{titre}"}, {"valueInteger": titre})
    assert len({str(read(shipped, observation(ANA, **form))[0]) for form in forms}) == 1


# Comparators


@pytest.mark.parametrize(
    ("number", "comparator", "state"),
    [(20, ">", None), (60, ">", "elevated"), (40, ">", "elevated"), (40, ">=", None), (40, "<", "normal"),
     (40, "<=", "normal"), (60, "<", None)],
)  # fmt: skip
def test_a_comparator_may_leave_it_open(shipped: Net, number: float, comparator: str, state: str | None) -> None:
    quantity = {"value": number, "comparator": comparator, "unit": "U/L"}
    entry = observation(AST, valueQuantity=quantity, referenceRange=[{"high": {"value": 40, "unit": "U/L"}}])
    findings, reason = read(shipped, entry)
    assert findings == ({"transaminases": state} if state else {})
    assert state or "leaves open" in reason


# Reference ranges


def ranged(*ranges: dict[str, Any], **more: Any) -> dict[str, Any]:
    return observation(CK, valueQuantity={"value": 5000, "unit": "U/L"}, referenceRange=list(ranges), **more)


def limit(high: float, **more: Any) -> dict[str, Any]:
    return {"high": {"value": high, "unit": "U/L"}, **more}


MEANING = "http://terminology.hl7.org/CodeSystem/referencerange-meaning"
NORMAL, CRITICAL = ({"type": coded(MEANING, word)} for word in ("normal", "critical"))
FEMALE = {"appliesTo": [coded("http://snomed.info/sct", "248152002")]}
MALE = {"appliesTo": [coded("http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender", "M")]}
ADULT = {"age": {"low": {"value": 18, "code": "a"}}}
CHILD = {"age": {"high": {"value": 17, "code": "a"}}}
IN_2019 = {"effectiveDateTime": "2019-06-01"}


@pytest.mark.parametrize("kind", ["critical", "treatment", "therapeutic", "pre", "post"])
def test_a_range_that_is_not_of_normal_is_no_limit(shipped: Net, kind: str) -> None:
    findings, reason = read(shipped, ranged(limit(10000, type=coded(MEANING, kind))))
    assert not findings
    assert f"not one of normal ({kind})" in reason


@pytest.mark.parametrize(
    ("ranges", "multiple"),
    [
        ([limit(200, **NORMAL), limit(10000, **CRITICAL)], 25),
        ([limit(10000, **CRITICAL), limit(200)], 25),
        ([limit(200, type={"text": "Normal range"})], 25),
        ([limit(200, type=coded(MEANING, "recommended"))], 25),
        ([limit(500, **MALE), limit(200, **FEMALE)], 25),
        ([limit(500), limit(200, **FEMALE)], 25),
        ([limit(500, **MALE), limit(200, appliesTo=[{"text": "Female"}])], 25),
        ([limit(1000, **CHILD), limit(200, **ADULT)], 25),
        ([limit(500, **FEMALE), limit(200, **FEMALE, **ADULT), limit(1000, **FEMALE, **CHILD)], 25),
        ([limit(200), limit(200)], 25),
        ([limit(200), limit(400, appliesTo=[coded("http://terminology.hl7.org/CodeSystem/v3-Race", "2054-5")])], 25),
        ([{"text": "30-200 U/L"}], 25),
        ([{"text": "< 200"}], 25),
        ([{"text": "up to 200 U/L"}], 25),
        ([{"high": {"value": 3.3333333333, "unit": "ukat/L"}}], 25),
        ([limit(200), limit(300)], None),
        ([limit(500, **MALE)], None),
        ([limit(200, appliesTo=[coded("http://snomed.info/sct", "77386006")])], None),
        ([limit(1000, **CHILD)], None),
        ([{"text": "M: <200, F: <170"}], None),
        ([{"text": "1.000 U/L"}], None),
        ([{"high": {"value": 200, "unit": "mg/L"}}], None),
    ],
)  # fmt: skip
def test_the_range_of_normal_that_applies_is_chosen(
    shipped: Net, ranges: list[dict[str, Any]], multiple: float | None
) -> None:
    findings, reason = read(shipped, ranged(*ranges, **IN_2019))
    assert findings == ({"ck_level": multiple} if multiple else {})
    assert multiple or "range" in reason


def test_a_range_by_sex_or_age_needs_sex_and_age(shipped: Net) -> None:
    assert "sex, and that of the patient is not known" in read(shipped, ranged(limit(200, **FEMALE)), gender=None)[1]
    assert "age, and that of the patient is not known" in read(shipped, ranged(limit(200, **ADULT)))[1]
    both = ranged(limit(500, **MALE), limit(200, **FEMALE))
    assert not read(shipped, both, gender="unknown")[0]


@pytest.mark.parametrize(
    ("born", "high", "applies"),
    [("2002-06-02", {"value": 16, "code": "a"}, True), ("2002-06-01", {"value": 16, "code": "a"}, False),
     ("2018-06-02", {"value": 11, "code": "mo"}, True), ("2018-06-01", {"value": 11, "code": "mo"}, False),
     ("2019-05-20", {"value": 12, "code": "d"}, True), ("2019-05-20", {"value": 11, "code": "d"}, False),
     ("2018", {"value": 11, "code": "mo"}, False)],
)  # fmt: skip
def test_the_age_of_a_range_is_in_completed_units(shipped: Net, born: str, high: dict[str, Any], applies: bool) -> None:
    entry = ranged(limit(200, age={"high": high}), **IN_2019)
    assert bool(read(shipped, entry, birthDate=born)[0].get("ck_level")) == applies


def test_a_coded_interpretation_counts_where_no_range_is_of_normal(shipped: Net) -> None:
    raised = [coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "H")]
    entry = ranged(limit(10000, **CRITICAL), interpretation=raised)
    assert read(shipped, entry)[0] == {"ck_level": ["mild", "moderate", "high", "very_high"]}


# Words and units by themselves


@given(number=st.integers(0, 10**6), unit=st.sampled_from(["", "U/L", "IU/L", " mg/dL"]))
def test_a_plain_number_is_read_with_its_unit(shipped: Net, number: int, unit: str) -> None:
    result = read_words(f"{number}{unit}", read_exchange(shipped.priors))
    assert (result.number, result.unit) == (number, unit.strip())


@pytest.mark.parametrize(
    ("one", "other", "factor"),
    [("U/L", "[iU]/L", 1), ("U/L", "ukat/L", 60), ("U/L", "µkat/l", 60), ("nkat/L", "U/L", 1 / 0.06),
     ("mg/L", "mg/dL", 10), ("m[IU]/L", "uIU/mL", 1), ("mm/h", "mm/hr", 1), ("U/L", "", 1), ("U/L", "mg/L", None),
     ("AU", "AU", 1), ("AU", "U/mL", None)],
)  # fmt: skip
def test_units_are_compared_in_every_writing(shipped: Net, one: str, other: str, factor: float | None) -> None:
    assert times((one,), (other,), read_exchange(shipped.priors)) == (factor and pytest.approx(factor))


def test_the_multiple_does_not_depend_on_the_unit(shipped: Net) -> None:
    katal = creatine_kinase(60, 3, unit="ukat/L")
    katal["resource"]["valueQuantity"]["unit"] = "ukat/L"
    assert read(shipped, katal)[0] == {"ck_level": 20}
