"""A report as a web page that stands alone: no script, nothing fetched, readable on a phone and on paper."""

import re
from html import escape

from model.patient.phrases import percent
from model.report.blocks import Block, IntervalRow, Intervals, Item, Items, Section, Steps, Table, Text
from model.report.charts import WATERFALL_STYLE, chart_html
from model.report.page_style import PAGE_STYLE
from model.report.record import PatientReport
from model.report.sections import TITLE, meta, sections
from model.report.words import interval_text

ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;)]")
AXIS = (0, 25, 50, 75, 100)


def to_html(report: PatientReport) -> str:
    """The whole page. Deterministic; every text of the case is escaped."""
    entries = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in meta(report))
    body = "".join(_section(section) for section in sections(report))
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{TITLE}</title><style>{PAGE_STYLE}{WATERFALL_STYLE}</style></head><body>"
        f"<header><h1>{TITLE}</h1><p class='use'>{escape(report.intended_use)}</p><dl>{entries}</dl></header>"
        f"<main>{body}</main></body></html>\n"
    )


def _section(section: Section) -> str:
    return f"<section><h2>{escape(section.title)}</h2>{''.join(_block(block) for block in section.blocks)}</section>"


def _block(block: Block) -> str:
    match block:
        case Text():
            return f"<p class='{block.tone}'>{escape(block.text)}</p>"
        case Items():
            return f"<ul>{''.join(_item(item) for item in block.items)}</ul>"
        case Table():
            return _table(block)
        case Intervals():
            return intervals_html(block)
        case Steps():
            return chart_html(block.chart)


def _item(item: Item) -> str:
    parts = (
        f"<span class='mark'>{escape(item.mark)}</span> " if item.mark else "",
        f"<b>{escape(item.title)}.</b> " if item.title else "",
        escape(item.text),
        f"<small>{_with_links(item.small)}</small>" if item.small else "",
    )
    return f"<li>{''.join(parts)}</li>"


def _with_links(text: str) -> str:
    """The text with its addresses as plain links; only the project's own tables come here, never the case."""
    parts, end = [], 0
    for found in ADDRESS.finditer(text):
        address = escape(found.group(), quote=True)
        parts += [escape(text[end : found.start()]), f"<a href='{address}' rel='noreferrer'>{address}</a>"]
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def _table(table: Table) -> str:
    first_number = len(table.header) - table.numbers
    kinds = ["" if i < first_number else " class='number'" for i in range(len(table.header))]
    widths = "".join(f"<col style='width:{100 * width:.0f}%'>" for width in table.widths)
    head = "".join(f"<th scope='col'{kind}>{escape(text)}</th>" for text, kind in zip(table.header, kinds, strict=True))
    rows = "".join(
        f"<tr><th scope='row'>{escape(row[0])}</th>"
        + "".join(f"<td{kind}>{escape(text)}</td>" for text, kind in zip(row[1:], kinds[1:], strict=True))
        + "</tr>"
        for row in table.rows
    )
    return (
        f"<table class='plain'><caption>{escape(table.caption)}</caption><colgroup>{widths}</colgroup>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def intervals_html(chart: Intervals) -> str:
    """A table whose bars show probability, interval and prior of each diagnosis."""
    ticks = "".join(f"<i style='left:{tick}%'>{tick}</i>" for tick in AXIS)
    leading = chart.rows[0]
    said = f"{chart.caption}; first {leading.label}, {percent(leading.now)}, on a scale from 0 to 100 %"
    return (
        f"<table class='intervals'><caption>{escape(chart.caption)}</caption><thead><tr><th scope='col'>Diagnosis</th>"
        f"<th scope='col'><span class='axis' role='img' aria-label='{escape(said, quote=True)}'>{ticks}</span></th>"
        "<th scope='col'>Now</th><th scope='col'>90 % interval</th><th scope='col'>Before</th></tr></thead>"
        f"<tbody>{''.join(_interval(row) for row in chart.rows)}</tbody></table>"
    )


def _interval(row: IntervalRow) -> str:
    figures = (percent(row.now), interval_text(row.low, row.high), percent(row.before))
    said = f"{figures[0]}, 90 % interval {figures[1]}, before {figures[2]}"
    cells = "".join(f"<td>{escape(figure)}</td>" for figure in figures)
    return (
        f"<tr><th scope='row'>{escape(row.label)}</th>"
        f"<td><span class='track' role='img' aria-label='{escape(said, quote=True)}'>"
        f"<i class='{escape(row.family, quote=True)}' style='width:{100 * row.now:.1f}%'></i>"
        f"<i class='range' style='left:{100 * row.low:.1f}%;width:{100 * (row.high - row.low):.1f}%'></i>"
        f"<i class='before' style='left:{100 * row.before:.1f}%'></i></span></td>{cells}</tr>"
    )
