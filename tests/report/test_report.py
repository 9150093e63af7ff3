"""The report on a patient: complete, safe to open anywhere, and the same on a page and on paper."""

import json
import math
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

import model
from model.about import INTENDED_USE, VERSION
from model.cases.case import Case, parse_case, read_cases
from model.errors import ImpossibleEvidence
from model.io.plain import plain
from model.patient.how_sure.credible_interval import NOTE_ON_STRUCTURE
from model.patient.phrases import percent
from model.priors.files import fingerprint
from model.report.page import to_html
from model.report.paper import to_pdf
from model.report.record import PatientReport, case_report
from model.report.words import interval_text
from model.report.write import case_json, to_json
from tests.helpers.places import PROJECT

DAY = date(2024, 2, 29)
EMPTY_ELEMENTS = {"meta", "col", "br"}
HOSTILE = "<script>alert('x')</script><img src=http://example.org/x onerror=alert(1)>\"'&"


class Reader(HTMLParser):
    """What a browser makes of a page: elements with attributes, text, and whether every element is closed."""

    def __init__(self, html: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY_ELEMENTS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def paper_text(pdf: bytes) -> str:
    """The text of a PDF, its white space made even."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


@pytest.fixture(scope="module")
def published(shipped: model.Net) -> PatientReport:
    """A published patient with the most findings."""
    cases = read_cases(PROJECT / "cases" / "published.jsonl", shipped.vocabulary)
    return case_report(shipped, max(cases, key=lambda case: len(case.findings)), DAY)


def test_page_and_paper_hold_every_answer(published: PatientReport) -> None:
    leading = published.intervals.leading
    interval = interval_text(published.intervals.low[leading], published.intervals.high[leading])
    expected = [
        published.vocabulary.diagnosis_labels[leading],
        f"{percent(published.posterior[leading])} (90 % interval {interval})",
        published.why,
        published.advice.sentence,
        INTENDED_USE,
        NOTE_ON_STRUCTURE,
        f"priors {published.priors}",
        "29 February 2024",
        *published.vocabulary.diagnosis_labels.values(),
        *(published.vocabulary.variable(name).label for name in published.case.findings),
        *(f"{verdict.name} {verdict.year}" for verdict in published.verdicts),
        *published.disagreements,
        *(alert.title for alert in published.alerts),
        *(alert.text for alert in published.alerts),
        *(item.text for item in published.checklist),
        *(value.procedure.label for value in published.advice.values if value.open),
    ]
    assert len(expected) > 80
    page, paper = Reader(to_html(published)).text, paper_text(to_pdf(published))
    closed_up = paper.replace(" ", "")  # a line may break within a compound word
    assert [text for text in expected if " ".join(text.split()) not in page] == []
    assert [text for text in expected if "".join(text.split()) not in closed_up] == []


def test_the_page_asks_nobody_and_runs_nothing(published: PatientReport) -> None:
    html = to_html(published)
    elements = Reader(html).elements
    assert {"script", "link", "img", "iframe", "object", "form", "base"}.isdisjoint(tag for tag, _ in elements)
    names = {name for _, attributes in elements for name in attributes}
    assert "src" not in names and not [name for name in names if name.startswith("on")]
    links = [(tag, attributes["href"]) for tag, attributes in elements if "href" in attributes]
    assert links and all(tag == "a" and str(href).startswith("https://") for tag, href in links)
    assert "url(" not in html and "@import" not in html


def test_the_page_reads_aloud(published: PatientReport) -> None:
    reader = Reader(to_html(published))
    assert reader.open == []
    assert reader.elements[0] == ("html", {"lang": "en"})
    headings = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1 and headings[1:] == [2] * len(headings[1:])
    tags = [tag for tag, _ in reader.elements]
    assert tags.count("caption") == tags.count("table") > 4
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in reader.elements if tag == "th")
    pictures = [attributes for _, attributes in reader.elements if attributes.get("role") == "img"]
    assert len(pictures) >= 2 + len(published.posterior) + len(published.case.findings)
    assert all(attributes.get("aria-label") for attributes in pictures)


def test_a_bar_is_as_long_as_its_probability(published: PatientReport) -> None:
    bars = re.findall(r"<i class='(iim|mimic)' style='width:([\d.]+)%'>", to_html(published))
    ordered = sorted(published.posterior, key=lambda d: -published.posterior[d])
    families = {d: family for family, members in published.vocabulary.families.items() for d in members}
    assert [(family, float(width)) for family, width in bars] == [
        (families[d], pytest.approx(100 * published.posterior[d], abs=0.051)) for d in ordered
    ]


def test_text_of_the_case_is_never_markup(shipped: model.Net) -> None:
    content = {"id": HOSTILE, "findings": {"fever": "present"}, "notes": HOSTILE, "source": {"url": "javascript:1"}}
    report = case_report(shipped, parse_case(content, "x", shipped.vocabulary))
    reader = Reader(to_html(report))
    assert HOSTILE in reader.text
    assert {"script", "img"}.isdisjoint(tag for tag, _ in reader.elements)
    assert "javascript" not in to_html(report)


def test_the_same_patient_gives_the_same_bytes(shipped: model.Net) -> None:
    case = Case("a", {"fever": "present", "ck_level": 7})
    one, two = (case_report(shipped, case, DAY) for _ in range(2))
    assert to_html(one) == to_html(two)
    assert to_pdf(one) == to_pdf(two)
    assert to_json(one) == to_json(two)


def test_paper_shows_letters_of_other_languages_and_signs_of_mathematics(small: model.Net) -> None:
    report = case_report(small, Case("Łukasz Ångström γ ≥ × – µ Жуков", {"ck_level": 7}))
    assert "Łukasz Ångström γ ≥ × – µ Жуков" in paper_text(to_pdf(report))
    unknown_to_the_font = case_report(small, Case("漢字 b", {}))
    assert "□□ b" in paper_text(to_pdf(unknown_to_the_font))


@pytest.mark.parametrize("findings", [
    {},
    {"ck_level": ["mild", "moderate"], "cancer": {"absent": 0.3, "present": 0.7}, "v_sign": None},
    {"age_at_onset": 54, "ck_level": 10.5, "anti_mi2": "positive"},
], ids=["nothing", "uncertain", "hard"])  # fmt: skip
@pytest.mark.parametrize("priors", ["small", "shipped"])
def test_every_kind_of_evidence_and_any_folder_of_priors_gives_a_report(
    request: pytest.FixtureRequest, priors: str, findings: Mapping[str, object]
) -> None:
    net: model.Net = request.getfixturevalue(priors)
    report = case_report(net, Case("", findings))
    assert "v_sign" not in report.case.findings
    assert report.posterior == net.posterior(findings)
    text = Reader(to_html(report)).text
    assert ("Nothing entered: the probabilities" in text) == (not findings)
    assert "nan" not in text and "None" not in text
    for label in net.vocabulary.diagnosis_labels.values():
        assert label in text and "".join(label.split()) in paper_text(to_pdf(report)).replace(" ", "")


def test_all_findings_at_once_fill_pages_and_lose_none(shipped: model.Net) -> None:
    """Long tables go on over pages; each finding is in the list and in the chart."""
    findings = {name: shipped.vocabulary.variable(name).states[0] for name in shipped.vocabulary.findings[:40]}
    report = case_report(shipped, Case("", findings))
    pdf = to_pdf(report)
    assert len(PdfReader(BytesIO(pdf)).pages) >= 4
    text = paper_text(pdf).replace(" ", "")
    for name in findings:
        assert text.count("".join(shipped.vocabulary.variable(name).label.split())) >= 2


def test_findings_that_cannot_be_have_no_report(strict: model.Net) -> None:
    with pytest.raises(ImpossibleEvidence):
        case_report(strict, Case("", {"v_sign": "present", "finger_flexor_weakness": "present"}))


def test_json_holds_the_records_and_no_number_that_json_lacks(published: PatientReport) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    content = json.loads(to_json(published), parse_constant=refuse)
    assert content["posterior"] == published.posterior
    assert content["made_on"] == "2024-02-29"
    assert [w["finding"] for w in content["weights"]["weights"]] == list(published.case.findings)
    assert sum(w["shapley"] for w in content["weights"]["weights"]) == pytest.approx(
        published.weights.posterior_log_odds - published.weights.prior_log_odds, abs=1e-9
    )
    assert "vocabulary" not in content and "sources" not in content and "draws" not in content["intervals"]


def test_the_case_as_json_is_the_case(shipped: model.Net) -> None:
    case = Case("p-7", {"ck_level": 7.5, "fever": ["absent", "present"], "ana": "positive"}, "primary_care")
    assert parse_case(json.loads(case_json(case)), "x", shipped.vocabulary) == case


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_plain_values_are_json_with_null_for_what_is_not_finite(value: object) -> None:
    written = json.dumps(plain(value), allow_nan=False)
    if isinstance(value, float):
        assert json.loads(written) == (value if math.isfinite(value) else None)
    assert plain(json.loads(written)) == json.loads(written)


def test_the_fingerprint_tells_tables_apart_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "rates").mkdir()
    (tmp_path / "rates" / "a.csv").write_text("id,percent\nx,1\n")
    first = fingerprint(tmp_path)
    assert re.fullmatch("[0-9a-f]{12}", first)
    (tmp_path / "README.md").write_text("notes")
    (tmp_path / "rates" / ".hidden").write_text("swap")
    (tmp_path / "rates" / "a.csv").write_bytes(b"id,percent\r\nx,1\r\n")
    assert fingerprint(tmp_path) == first
    (tmp_path / "rates" / "a.csv").write_text("id,percent\nx,2\n")
    changed = fingerprint(tmp_path)
    (tmp_path / "rates" / "a.csv").rename(tmp_path / "rates" / "b.csv")
    assert len({first, changed, fingerprint(tmp_path)}) == 3


def test_one_version_everywhere() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert "version" in project["project"]["dynamic"]
    pattern = project["tool"]["hatch"]["version"]["pattern"]
    assert re.findall(pattern, (PROJECT / "model" / "about.py").read_text()) == [VERSION]
    assert model.__version__ == VERSION
    assert f"version: {VERSION}\n" in (PROJECT / "CITATION.cff").read_text()
