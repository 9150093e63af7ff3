"""A report on A4 paper, as PDF. Every chart is part of a table with its figures."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time

from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from model.patient.phrases import percent
from model.report.blocks import Block, IntervalRow, Intervals, Items, Steps, Table, Text
from model.report.record import PatientReport
from model.report.sections import TITLE, meta, sections
from model.report.sheet import INK, LINE_HEIGHT, MUTED, WHITE, WIDTH, Sheet
from model.report.waterfall import Step
from model.report.words import interval_text

UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
AXIS = (0, 25, 50, 75, 100)
PURPLE, BROWN, BLUE = (91, 58, 140), (168, 105, 42), (11, 95, 134)
FAMILY_COLOURS: Mapping[str, tuple[int, int, int]] = {"iim": BLUE, "mimic": BROWN}
# Where the columns of the two charts begin and how wide they are, in mm.
LABEL, BAR = 62.0, 57.0
NOW, BETWEEN, BEFORE = 15.0, 30.0, 14.0
STEP_LABEL, STEP_BAR, STEP_WEIGHT = 58.0, 68.0, 37.0


def to_pdf(report: PatientReport) -> bytes:
    """The whole report; the same record gives the same bytes. Letters that the font lacks become squares."""
    made = datetime.combine(report.made_on, time(), tzinfo=UTC) if report.made_on else UNDATED
    sheet = Sheet(TITLE, f"{report.intended_use} Model version {report.version}, priors {report.priors}.", made)
    sheet.title(TITLE)
    sheet.paragraph(report.intended_use, size=8, colour=MUTED)
    sheet.paragraph(" · ".join(f"{name}: {value}" for name, value in meta(report)), bold=True)
    for section in sections(report):
        sheet.heading(section.title)
        for block in section.blocks:
            _draw(sheet, block)
    return bytes(sheet.pdf.output())


def _draw(sheet: Sheet, block: Block) -> None:
    match block:
        case Text():
            _text(sheet, block)
        case Items():
            for item in block.items:
                head = " ".join(filter(None, [f"[{item.mark}]" if item.mark else "", item.title]))
                sheet.item(head, item.text, item.small)
        case Table():
            _table(sheet, block)
        case Intervals():
            _intervals(sheet, block)
        case Steps():
            _steps(sheet, block)


def _text(sheet: Sheet, text: Text) -> None:
    if text.tone == "note":
        sheet.paragraph(text.text, size=7.5, colour=MUTED)
    elif text.tone == "warning":
        sheet.paragraph(text.text, bold=True)
    else:
        sheet.paragraph(text.text, size=10 if text.tone == "lead" else 9, bold=text.tone == "lead")


def _table(sheet: Sheet, table: Table) -> None:
    sheet.caption(table.caption)
    first_number = len(table.header) - table.numbers
    with sheet.pdf.table(
        width=int(WIDTH),
        col_widths=tuple(round(1000 * width) for width in table.widths),
        text_align=tuple("LEFT" if i < first_number else "RIGHT" for i in range(len(table.header))),
        headings_style=FontFace(emphasis="", color=MUTED, size_pt=7.5),
        line_height=LINE_HEIGHT,
        borders_layout=TableBordersLayout.SINGLE_TOP_LINE,
        padding=(0.4, 1, 0.4, 0),
    ) as drawn:
        for row in (table.header, *table.rows):
            line = drawn.row()
            for text in row:
                line.cell(sheet.shown(text))
    sheet.gap()


def _intervals(sheet: Sheet, chart: Intervals) -> None:
    sheet.caption(chart.caption)
    right = LABEL + BAR + 2
    heads = (
        (0.0, LABEL, "Diagnosis"),
        (right, NOW, "Now"),
        (right + NOW, BETWEEN, "90 % interval"),
        (right + NOW + BETWEEN, BEFORE, "Before"),
    )

    def head(top: float) -> None:
        for left, width, text in heads:
            sheet.cell(left, top, width, text, right=left > 0, colour=MUTED)
        for tick in AXIS:
            sheet.cell(LABEL + BAR * tick / 100 - 6, top, 12, str(tick), centre=True, size=6.5, colour=MUTED)

    sheet.rows(head, [_interval_row(sheet, row, right, i == 0) for i, row in enumerate(chart.rows)])


def _interval_row(sheet: Sheet, row: IntervalRow, right: float, bold: bool) -> tuple[float, Callable[[float], None]]:
    lines = sheet.lines(row.label, LABEL - 2, bold)
    height = LINE_HEIGHT * len(lines) + 0.6

    def draw(top: float) -> None:
        sheet.stack(0, top, LABEL - 2, lines, bold)
        middle = top + height / 2
        sheet.track(LABEL, middle, BAR)
        colour, hatched = FAMILY_COLOURS.get(row.family, BROWN), row.family != "iim"
        sheet.bar(LABEL, middle, BAR * row.now, colour, hatched)
        sheet.line(LABEL + BAR * row.low, middle, LABEL + BAR * row.high, middle, 0.9, WHITE)
        sheet.line(LABEL + BAR * row.low, middle, LABEL + BAR * row.high, middle, 0.5)
        sheet.line(LABEL + BAR * row.before, middle - 1.9, LABEL + BAR * row.before, middle + 1.9, 0.5)
        figures = ((NOW, percent(row.now)), (BETWEEN, interval_text(row.low, row.high)), (BEFORE, percent(row.before)))
        left = right
        for width, text in figures:
            sheet.cell(left, middle - LINE_HEIGHT / 2, width, text, right=True, bold=bold, colour=INK)
            left += width

    return height, draw


def _steps(sheet: Sheet, block: Steps) -> None:
    chart = block.chart
    sheet.caption(chart.label)
    last = STEP_LABEL + STEP_BAR + 2 + STEP_WEIGHT

    def head(top: float) -> None:
        sheet.cell(0, top, STEP_LABEL, "Finding", colour=MUTED)
        for probability, place in chart.scale.ticks():
            left = STEP_LABEL + STEP_BAR * place / 100
            sheet.cell(left - 8, top, 16, f"{100 * probability:g} %", centre=True, size=6.5, colour=MUTED)
        sheet.cell(STEP_LABEL + STEP_BAR + 2, top, STEP_WEIGHT, "Effect on the odds", colour=MUTED)
        sheet.cell(last, top, WIDTH - last, "Without it", right=True, colour=MUTED)

    ends = (("Before any finding", *chart.before), ("With all findings", *chart.after))
    first, final = (_end_row(sheet, *end) for end in ends)
    sheet.rows(head, [first, *(_step_row(sheet, step, last) for step in chart.steps), final])


def _step_row(sheet: Sheet, step: Step, last: float) -> tuple[float, Callable[[float], None]]:
    labels, weights = sheet.lines(step.label, STEP_LABEL - 2), sheet.lines(step.weight, STEP_WEIGHT)
    height = LINE_HEIGHT * max(len(labels), len(weights)) + 0.6

    def draw(top: float) -> None:
        sheet.stack(0, top, STEP_LABEL - 2, labels)
        middle = top + height / 2
        sheet.track(STEP_LABEL, middle, STEP_BAR)
        left, right = sorted((step.start, step.end))
        width = max(0.4, STEP_BAR * (right - left) / 100)
        sheet.bar(STEP_LABEL + STEP_BAR * left / 100, middle, width, PURPLE, step.side == "against")
        sheet.stack(STEP_LABEL + STEP_BAR + 2, top, STEP_WEIGHT, weights)
        sheet.cell(last, middle - LINE_HEIGHT / 2, WIDTH - last, step.without, right=True)

    return height, draw


def _end_row(sheet: Sheet, label: str, place: float, probability: str) -> tuple[float, Callable[[float], None]]:
    height = LINE_HEIGHT + 0.6

    def draw(top: float) -> None:
        middle, left = top + height / 2, STEP_LABEL + STEP_BAR * place / 100
        sheet.cell(0, top, STEP_LABEL, label, bold=True)
        sheet.track(STEP_LABEL, middle, STEP_BAR)
        sheet.line(left, middle - 1.9, left, middle + 1.9, 0.9)
        sheet.cell(STEP_LABEL + STEP_BAR + 2, top, STEP_WEIGHT, probability, bold=True)

    return height, draw
