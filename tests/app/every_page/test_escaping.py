"""Whatever a label of the priors holds, it is shown as text: on every page, in every panel, in the report."""

import csv
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import model
from app_pages.about.layout import draw
from app_pages.about.network_drawn import roles_around
from app_pages.about.picture import network_svg
from model.priors.folder import SHIPPED
from tests.app.headless import calm, html
from tests.app.page_actions import QUESTIONS
from tests.helpers import patience
from tests.helpers.places import PROJECT

HOSTILE = "<img src=x>"
SHOWN = {
    "vocabulary/diagnoses.csv": ("label", "short"),
    "vocabulary/findings.csv": ("label",),
    "vocabulary/hidden.csv": ("label",),
    "vocabulary/settings.csv": ("label",),
    "procedures.csv": ("label",),
    "alerts.csv": ("title", "text"),
    "treatment.csv": ("title", "text"),
    "checklist.csv": ("step", "text"),
    "grades.csv": ("meaning",),
    "lessons/traps.csv": ("title", "question"),
}
FINDINGS = {"age": "54", "heliotrope_rash": "present", "anti_jo1": "positive", "ck_level": "high"}
PARTS = [("explore", "question", question) for question in ("", *QUESTIONS)]
PARTS += [("compare", "", "")]
PARTS += [("learn", "learn_part", part) for part in ("Step by step", "One finding", "Practise", "Traps")]
PARTS += [("calibrate", "part of calibrate", "numbers"), ("about", "part of the model", "network")]
PARTS += [("about", "part of the model", "disagreements")]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The shipped priors, each label with a tag at its end."""
    folder = tmp_path_factory.mktemp("hostile") / "priors"
    copytree(SHIPPED, folder)
    for name, columns in SHOWN.items():
        with (folder / name).open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table))
        for row in rows:
            row.update({column: f"{row[column]} {HOSTILE}" for column in columns if row[column]})
        with (folder / name).open("w", encoding="utf-8", newline="") as table:
            writer = csv.DictWriter(table, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    yield folder


@pytest.mark.parametrize(("page", "key", "part"), PARTS)
def test_a_tag_in_a_label_is_shown_as_text(
    hostile: Path, monkeypatch: pytest.MonkeyPatch, page: str, key: str, part: str
) -> None:
    monkeypatch.setenv("MYOSITIS_PRIORS", str(hostile))
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)  # there are no other pages to link to
    opened = AppTest.from_file(str(PROJECT / "app_pages" / page / "page.py"), default_timeout=patience.SECONDS)
    if part:
        opened.session_state[key] = part
    for name, value in FINDINGS.items():
        opened.query_params[name] = value
    drawn = html(calm(opened.run()))
    assert HOSTILE not in drawn
    assert "&lt;img src=x&gt;" in drawn or page in ("calibrate", "about")


def test_a_tag_in_a_label_is_text_in_the_report_and_in_the_picture(hostile: Path, tmp_path: Path) -> None:
    net = model.load(hostile)
    findings = {"heliotrope_rash": "present", "anti_jo1": "positive", "fever": "absent"}
    net.patient(findings).report(tmp_path / "report.html")
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert HOSTILE not in report and "&lt;img src=x&gt;" in report
    picture = network_svg(draw(net.priors), roles_around(net, "heliotrope_rash"), "heliotrope_rash")
    assert HOSTILE not in picture and "&lt;img" in picture
