"""A report as a file: a web page, paper or JSON, by the end of its name."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from model.cases.case import Case
from model.errors import InputError
from model.io.files import whole_file
from model.io.plain import plain
from model.report.record import PatientReport


def to_json(report: PatientReport) -> str:
    """The records of a report as JSON; numbers that are not finite are null."""
    return json.dumps(plain(report), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def case_json(case: Case) -> str:
    """A patient as every command reads it."""
    content = {"id": case.id, "setting": case.setting, "findings": case.findings}
    known = {name: value for name, value in content.items() if value}
    return json.dumps(plain({"findings": {}, **known}), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _page(report: PatientReport) -> bytes:
    from model.report.page import to_html

    return to_html(report).encode()


def _paper(report: PatientReport) -> bytes:
    from model.report.paper import to_pdf

    return to_pdf(report)


def _json(report: PatientReport) -> bytes:
    return to_json(report).encode()


WRITERS: Mapping[str, Callable[[PatientReport], bytes]] = {".html": _page, ".pdf": _paper, ".json": _json}


def report_suffix(path: Path) -> str:
    """The suffix that chooses the format; raises InputError for an unknown one."""
    suffix = path.suffix.lower()
    if suffix not in WRITERS:
        raise InputError(f"{path.name}: a report ends in {', '.join(WRITERS)}")
    return suffix


def write_report(report: PatientReport, path: Path) -> None:
    """Write the report in the format that the name asks for; the file appears whole or not at all."""
    content = WRITERS[report_suffix(path)](report)
    with whole_file(path) as partial:
        partial.write_bytes(content)
