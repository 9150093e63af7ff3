"""The commands on one patient: why, what next, criteria, alerts and the report, as text and as JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import model
from model.commands.main import main
from model.patient.advice.alerts import NOTHING_APPLIES
from model.patient.criteria import judge
from model.patient.what_next.value_of_information import advise
from model.patient.why.weight_of_evidence import sentence, weigh
from tests.helpers import places

SMALL = str(places.SMALL)
FINDINGS: dict[str, Any] = {
    "age_at_onset": 54,
    "ck_level": 23.5,
    "anti_jo1": "positive",
    "interstitial_lung_disease": "present",
    "heliotrope_rash": "absent",
}
COMMANDS = ["explain", "advise", "criteria", "alerts"]
Run = Callable[..., str]


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"id": "p-7", "setting": "primary_care", "findings": FINDINGS}))
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """What a command that succeeds prints; it says nothing on stderr."""

    def command(*arguments: object) -> str:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert (code, captured.err) == (0, "")
        return captured.out

    return command


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Run:
    """The one line with which a command refuses."""

    def command(*arguments: object) -> str:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = int(str(stop.code))
        captured = capsys.readouterr()
        assert (code, captured.out) == (2, "")
        assert captured.err.startswith("error: ") and captured.err.count("\n") == 1 and captured.err.endswith("\n")
        return captured.err

    return command


def test_explain_gives_the_weights_of_the_model(run: Run, case: Path, shipped: model.Net) -> None:
    weights = weigh(shipped, FINDINGS, "primary_care")
    content = json.loads(run("explain", case, "--json"))
    assert content["sentence"] == sentence(weights, shipped.vocabulary)
    assert {w["finding"]: w["shapley"] for w in content["weight_of_evidence"]["weights"]} == {
        w.finding: pytest.approx(w.shapley, abs=1e-12) for w in weights.weights
    }
    lines = run("explain", case).splitlines()
    assert lines[0].endswith(content["sentence"])
    largest = max(weights.weights, key=lambda w: abs(w.shapley))
    assert lines[5].startswith(shipped.vocabulary.variable(largest.finding).label)
    assert lines[4].startswith("before") and any(line.startswith("after") for line in lines)


def test_explain_one_diagnosis_against_another(run: Run, case: Path) -> None:
    sides = ("--diagnosis", "dermatomyositis", "--against", "antisynthetase_syndrome")
    content = json.loads(run("explain", case, *sides, "--json"))["weight_of_evidence"]
    back = json.loads(run("explain", case, "--diagnosis", sides[3], "--against", sides[1], "--json"))
    assert content["posterior_log_odds"] == pytest.approx(-back["weight_of_evidence"]["posterior_log_odds"])
    assert content["posterior_log_odds"] < 0
    assert run("explain", case, *sides).startswith("Dermatomyositis (adult onset; classic) against Antisynthetase")


def test_the_setting_asked_for_counts(run: Run, case: Path, shipped: model.Net) -> None:
    for arguments, setting in (((), "primary_care"), (("--setting", "myositis_centre"), "myositis_centre")):
        content = json.loads(run("explain", case, "--json", *arguments))
        assert content["setting"] == setting
        prior = weigh(shipped, {}, setting, content["weight_of_evidence"]["diagnosis"]).prior_log_odds
        assert content["weight_of_evidence"]["prior_log_odds"] == pytest.approx(prior)


def test_advise_ranks_as_the_model_does(run: Run, case: Path, shipped: model.Net) -> None:
    for weight in (0, 0.3):
        advice = advise(shipped, FINDINGS, "primary_care", burden_weight=weight)
        content = json.loads(run("advise", case, "--json", "--burden-weight", weight))["advice"]
        assert [value["procedure"]["id"] for value in content["values"]] == [v.procedure.id for v in advice.values]
        assert content["sentence"] == advice.sentence
    text = run("advise", case)
    assert text.startswith(advice.sentence)
    assert [value.procedure.label for value in advice.values if value.procedure.label not in text] == []
    assert "not indicated" in text


def test_criteria_print_every_set_with_its_verdict(run: Run, case: Path, shipped: model.Net) -> None:
    verdicts = judge(shipped, FINDINGS)
    content = json.loads(run("criteria", case, "--json"))
    assert [(v["set_id"], v["label"], v["positive"]) for v in content["verdicts"]] == [
        (v.set_id, v.label, v.positive) for v in verdicts
    ]
    text = run("criteria", case)
    for verdict in verdicts:
        line = next(line for line in text.splitlines() if line.startswith(f"{verdict.name} {verdict.year}"))
        assert verdict.label in line
    assert all(said in text for said in content["disagreements"])


def test_alerts_print_the_most_urgent_first_with_their_source(run: Run, case: Path) -> None:
    content = json.loads(run("alerts", case, "--json"))["alerts"]
    assert [alert["urgency"] for alert in content] == sorted(alert["urgency"] for alert in content)
    text = run("alerts", case)
    places = [text.index(alert["title"]) for alert in content]
    assert places == sorted(places) and len(places) > 3
    assert text.count("source: ") == len(content)


def test_a_patient_of_whom_nothing_is_known_has_answers(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "empty.json"
    path.write_text('{"findings": {}}')
    for priors in ((), ("--priors", SMALL)):
        for command in COMMANDS:
            assert run(command, path, *priors)
            assert json.loads(run(command, path, "--json", *priors))["id"] == ""
    assert run("alerts", path) == f"{NOTHING_APPLIES}\n"


# Files of other systems

EXAMPLES = sorted(places.EXCHANGE.glob("*.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_files_of_other_systems_are_read_and_what_is_left_out_is_listed(
    path: Path, shipped: model.Net, capsys: pytest.CaptureFixture[str]
) -> None:
    from model.cases.exchange import read_patient_file

    imported = read_patient_file(path, shipped)
    assert main(["diagnose", str(path), "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["posterior"] == shipped.posterior(imported.case.findings)
    lines = captured.err.splitlines()
    assert len(lines) == len(imported.left_out) > 0
    assert all(line.startswith("left out: ") for line in lines)


# The report


@pytest.mark.parametrize(("suffix", "start"), [(".html", b"<!doctype html>"), (".pdf", b"%PDF-"), (".json", b"{")])
def test_report_writes_the_format_of_the_name(run: Run, case: Path, suffix: str, start: bytes) -> None:
    out = case.with_name(f"report{suffix}")
    assert run("report", case, "--out", out) == ""
    assert out.read_bytes().startswith(start)
    assert sorted(path.name for path in case.parent.iterdir()) == sorted([case.name, out.name])


def test_report_holds_patient_and_setting(run: Run, case: Path) -> None:
    out = case.with_name("report.json")
    run("report", case, "--out", out, "--setting", "myositis_centre")
    content = json.loads(out.read_text(encoding="utf-8"))
    assert content["case"]["findings"] == FINDINGS
    assert content["setting"] == "myositis_centre"


# Refusals: one line, exit code 2, nothing written


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain", "{case}", "--diagnosis", "dermatomyositi"], ["did you mean dermatomyositis?", "case.json"]),
        (["explain", "{case}", "--against", "antisynthetase_syndrome"], ["with itself"]),
        (["advise", "{case}", "--burden-weight", "-1"], ["--burden-weight"]),
        (["advise", "{case}", "--burden-weight", "nan"], ["--burden-weight"]),
        (["advise", "{case}", "--burden-weight", "much"], ["--burden-weight", "'much'"]),
        (["criteria", "{case}", "--setting", "primary_car"], ["did you mean primary_care?"]),
        (["report", "{case}"], ["--out"]),
        (["report", "{case}", "--out", "report.doc"], ["report.doc", ".html, .pdf, .json"]),
        (["report", "{case}", "--out", "no/report.html"], ["report.html: cannot be written"]),
        *((([command, "nobody.json"], ["nobody.json: there is no such file"])) for command in COMMANDS),
    ],
)
def test_a_bad_command_is_refused_in_one_line(
    refused: Run, case: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: list[str]
) -> None:
    monkeypatch.chdir(case.parent)
    message = refused(*(argument.format(case=case.name) for argument in arguments))
    assert [word for word in words if word not in message] == []
    assert [path.name for path in case.parent.iterdir()] == [case.name]


def test_findings_that_cannot_be_are_named_by_every_command(refused: Run, tmp_path: Path, strict_priors: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text('{"findings": {"v_sign": "present", "finger_flexor_weakness": "present"}}')
    for command in ("diagnose", "explain", "advise", "criteria", "alerts"):
        message = refused(command, path, "--priors", strict_priors)
        assert message == (
            "error: case.json: these findings cannot occur together in this model: v_sign, finger_flexor_weakness\n"
        )
    refused("report", path, "--out", tmp_path / "r.pdf", "--priors", strict_priors)
    assert not (tmp_path / "r.pdf").exists()
