"""Conditions with three truth values: what is decided stays decided, whatever is found later."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.patient.advice.condition_text import Names, parse, read_condition, read_names
from model.patient.advice.conditions import evaluate, finding_names
from model.priors.folder import Priors
from model.priors.tables import Row
from tests.helpers.priors import with_table

TRUE, FALSE, UNKNOWN = "fever = present", "arthritis = present", "raynaud = present"
FINDINGS: dict[str, object] = {"fever": "present", "arthritis": "absent"}
TRUTH = {TRUE: True, FALSE: False, UNKNOWN: None}
NAMES = ("fever", "arthritis", "raynaud", "myalgia")


def truth(net: model.Net, text: str, findings: dict[str, object] | None = None, **posterior: float) -> bool | None:
    condition = parse(text, net.vocabulary)
    chances = {d: posterior.get(d, 0.0) for d in net.vocabulary.diagnoses} if posterior else None
    return evaluate(condition, FINDINGS if findings is None else findings, chances).value


@pytest.mark.parametrize("first", TRUTH)
@pytest.mark.parametrize("second", TRUTH)
def test_and_or_not_follow_kleene(shipped: model.Net, first: str, second: str) -> None:
    rank = {False: 0, None: 1, True: 2}
    value = {number: word for word, number in rank.items()}
    one, other = rank[TRUTH[first]], rank[TRUTH[second]]
    assert truth(shipped, f"{first} and {second}") is value[min(one, other)]
    assert truth(shipped, f"{first} or {second}") is value[max(one, other)]
    assert truth(shipped, f"not {first}") is value[2 - one]
    assert truth(shipped, f"possible({first})") is (one > 0)


def test_not_binds_before_and_and_and_before_or(shipped: model.Net) -> None:
    assert truth(shipped, f"{TRUE} or {FALSE} and {FALSE}") is True
    assert truth(shipped, f"({TRUE} or {FALSE}) and {FALSE}") is False
    assert truth(shipped, f"not {FALSE} or {TRUE}") is True
    assert truth(shipped, f"not ({FALSE} or {TRUE})") is False


leaf = st.builds("{} {} present".format, st.sampled_from(NAMES), st.sampled_from(["=", "!="]))
texts = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
        st.builds("at least 2 of ({}; {}; {})".format, inner, inner, inner),
    ),
    max_leaves=8,
)
states = st.sampled_from(["absent", "present"])


@given(texts, st.fixed_dictionaries(dict.fromkeys(NAMES, states)), st.sets(st.sampled_from(NAMES)))
def test_what_is_decided_stays_decided_when_more_is_found(
    shipped: model.Net, text: str, patient: dict[str, object], seen: set[str]
) -> None:
    partial = {name: state for name, state in patient.items() if name in seen}
    now, later = truth(shipped, text, partial), truth(shipped, text, patient)
    assert later is not None
    assert now in (None, later)


@given(texts, st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, states)))
def test_de_morgan_holds_with_unknowns(shipped: model.Net, text: str, patient: dict[str, object]) -> None:
    assert truth(shipped, f"not (({text}) and {TRUE})", patient) is truth(
        shipped, f"not ({text}) or not {TRUE}", patient
    )


@pytest.mark.parametrize(("least", "met"), [(1, True), (2, None), (3, False)])
def test_a_count_is_open_while_the_unknown_could_reach_it(shipped: model.Net, least: int, met: bool | None) -> None:
    assert truth(shipped, f"at least {least} of ({TRUE}; {FALSE}; {UNKNOWN})") is met


@given(
    st.sampled_from([("age_at_onset", 0.0, 119.0), ("ck_level", 0.0, 200.0)]).flatmap(
        lambda finding: st.tuples(
            st.just(finding[0]),
            st.one_of(st.floats(*finding[1:]), st.sampled_from([0, 1, 5, 10, 18, 40, 50, 65])),
            st.one_of(st.floats(*finding[1:]), st.sampled_from([1, 5, 10, 18, 40, 45, 50, 65])),
        )
    ),
    st.sampled_from([">=", ">", "<=", "<"]),
)
def test_a_bin_decides_only_what_every_number_in_it_decides(
    shipped: model.Net, case: tuple[str, float, float], sign: str
) -> None:
    finding, number, threshold = case
    text = f"{finding} {sign} {threshold:.6f}"
    threshold = float(f"{threshold:.6f}")
    exact = truth(shipped, text, {finding: number})
    by_hand = {">=": number >= threshold, ">": number > threshold, "<=": number <= threshold, "<": number < threshold}
    assert exact is by_hand[sign]
    state = shipped.vocabulary.variable(finding).state(number)
    assert truth(shipped, text, {finding: state}) in (None, exact)


def test_an_age_bin_that_holds_the_threshold_leaves_it_open(shipped: model.Net) -> None:
    assert truth(shipped, "age_at_onset >= 45", {"age_at_onset": "40-49"}) is None
    assert truth(shipped, "age_at_onset >= 50", {"age_at_onset": "50-64"}) is True
    assert truth(shipped, "age_at_onset >= 50", {"age_at_onset": "40-49"}) is False
    assert truth(shipped, "ck_level > 5", {"ck_level": "moderate"}) is True
    assert truth(shipped, "ck_level >= 5", {"ck_level": "mild"}) is None


@pytest.mark.parametrize(
    "several", [["present", "rapidly_progressive"], {"present": 0.9, "rapidly_progressive": 0.1, "absent": 0.0}]
)
def test_several_possible_states_decide_when_they_agree(shipped: model.Net, several: object) -> None:
    findings = {"interstitial_lung_disease": several}
    assert truth(shipped, "interstitial_lung_disease in present|rapidly_progressive", findings) is True
    assert truth(shipped, "interstitial_lung_disease = absent", findings) is False
    assert truth(shipped, "interstitial_lung_disease = present", findings) is None
    assert truth(shipped, "known(interstitial_lung_disease)", findings) is False


def test_known_needs_any_of_its_findings(shipped: model.Net) -> None:
    assert truth(shipped, "known(raynaud|fever)") is True
    assert truth(shipped, "known(raynaud|myalgia)") is False
    assert truth(shipped, "known(raynaud)", {"raynaud": None}) is False


def test_probabilities_add_up_and_are_unknown_without_a_posterior(shipped: model.Net) -> None:
    text = "p(dermatomyositis|polymyositis) >= 0.5"
    assert truth(shipped, text, dermatomyositis=0.3, polymyositis=0.25, fibromyalgia=0.45) is True
    assert truth(shipped, "p(iim) < 0.5", dermatomyositis=0.3, polymyositis=0.25, fibromyalgia=0.45) is False
    assert truth(shipped, text) is None


def test_the_leader_of_a_group_need_not_lead_overall(shipped: model.Net) -> None:
    chances = {"fibromyalgia": 0.5, "inclusion_body_myositis": 0.3, "polymyositis": 0.2}
    assert truth(shipped, "leads(inclusion_body_myositis in iim)", **chances) is True
    assert truth(shipped, "leads(fibromyalgia in iim|mimic)", **chances) is True
    assert truth(shipped, "leads(polymyositis in iim)", **chances) is False


def test_a_judgement_rests_on_what_decided_it(shipped: model.Net) -> None:
    condition = parse(f"({TRUE} or {UNKNOWN}) and not {FALSE} and known(fever)", shipped.vocabulary)
    judgement = evaluate(condition, FINDINGS)
    assert judgement.value
    assert [leaf.variable.id for leaf in judgement.leaves[:2]] == ["fever", "arthritis"]  # type: ignore[union-attr]
    assert finding_names(condition) == ("fever", "raynaud", "arthritis")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("heliotrop_rash = present", "'heliotrop_rash' is not a finding; did you mean heliotrope_rash?"),
        ("ck_level = normall", "'normall' is not a state of ck_level; did you mean normal?"),
        ("heliotrope_rash >= 2", "heliotrope_rash is not a number; compare it with = or in"),
        ("ck_level > high", "'high' is not a number"),
        ("p(dermatomyositi) > 0.2", "did you mean dermatomyositis?"),
        ("(v_sign = present", "the condition ends where ) is due"),
        ("v_sign = present v_sign = absent", "'v_sign' stands where the condition should end"),
        ("v_sign present", "'present' stands where = or"),
        ("v_sign & cancer", "'&' has no meaning"),
        ("at least 3 of (v_sign = present; cancer = present)", "at least 3 of 2"),
        ("", "the condition ends"),
    ],
)
def test_a_fault_names_file_line_field_and_the_nearest_word(small: model.Net, text: str, fault: str) -> None:
    row = Row("alerts.csv", 7, {"when": text})
    with pytest.raises(model.InputError) as error:
        read_condition(row, "when", small.vocabulary)
    assert str(error.value).startswith("alerts.csv, line 7, field when: ")
    assert fault in str(error.value)


def names_of(priors: Priors, rows: str) -> Names:
    return read_names(with_table(priors, "conditions.csv", "name,when,label,note\n" + rows))


def test_a_name_stands_for_its_condition(small: model.Net) -> None:
    names = names_of(small.priors, "rash,heliotrope_rash = present or v_sign = present,,\nfine,not rash,,\n")
    short = parse("fine and ck_level > 1", small.vocabulary, names)
    long = parse("not (heliotrope_rash = present or v_sign = present) and ck_level > 1", small.vocabulary)
    assert short == long


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("cancer,v_sign = present,,\n", "line 2, field name: 'cancer' already means something"),
        ("a,v_sign = present,,\na,v_sign = absent,,\n", "line 3, field name: 'a' stands twice"),
    ],
)
def test_a_name_means_one_thing(small: model.Net, rows: str, fault: str) -> None:
    with pytest.raises(model.InputError, match=fault):
        names_of(small.priors, rows)


def test_a_folder_without_names_has_none(small: model.Net) -> None:
    assert read_names(small.priors) == {}
