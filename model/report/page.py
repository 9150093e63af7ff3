"""A report as a web page that stands alone: no script, nothing fetched, readable on a phone and on paper."""

import re

from markupsafe import Markup

from model.io.markup import html, joined
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
    entries = joined(html("<div><dt>{}</dt><dd>{}</dd></div>", name, value) for name, value in meta(report))
    body = joined(_section(section) for section in sections(report))
    return html(
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<title>{}</title><style>{}{}</style></head><body>"
        "<header><h1>{}</h1><p class='use'>{}</p><dl>{}</dl></header>"
        "<main>{}</main></body></html>\n",
        TITLE,
        PAGE_STYLE,
        WATERFALL_STYLE,
        TITLE,
        report.intended_use,
        entries,
        body,
    )


def _section(section: Section) -> str:
    return html("<section><h2>{}</h2>{}</section>", section.title, joined(_block(block) for block in section.blocks))


def _block(block: Block) -> str:
    match block:
        case Text():
            return html("<p class='{}'>{}</p>", block.tone, block.text)
        case Items():
            return html("<ul>{}</ul>", joined(_item(item) for item in block.items))
        case Table():
            return _table(block)
        case Intervals():
            return intervals_html(block)
        case Steps():
            return chart_html(block.chart)


def _item(item: Item) -> str:
    parts = (
        html("<span class='mark'>{}</span> ", item.mark) if item.mark else "",
        html("<b>{}.</b> ", item.title) if item.title else "",
        item.text,
        html("<small>{}</small>", _with_links(item.small)) if item.small else "",
    )
    return html("<li>{}</li>", joined(parts))


def _with_links(text: str) -> str:
    """The text with its addresses as plain links; only the project's own tables come here, never the case."""
    parts, end = [], 0
    for found in ADDRESS.finditer(text):
        address = found.group()
        parts += [text[end : found.start()], html("<a href='{}' rel='noreferrer'>{}</a>", address, address)]
        end = found.end()
    return joined([*parts, text[end:]])


def _table(table: Table) -> str:
    first_number = len(table.header) - table.numbers
    kinds = ["" if i < first_number else Markup(" class='number'") for i in range(len(table.header))]
    widths = joined(html("<col style='width:{:.0f}%'>", 100 * width) for width in table.widths)
    head = joined(html("<th scope='col'{}>{}</th>", kind, text) for text, kind in zip(table.header, kinds, strict=True))
    rows = joined(
        html("<tr><th scope='row'>{}</th>", row[0])
        + joined(html("<td{}>{}</td>", kind, text) for text, kind in zip(row[1:], kinds[1:], strict=True))
        + Markup("</tr>")
        for row in table.rows
    )
    return html(
        "<table class='plain'><caption>{}</caption><colgroup>{}</colgroup>"
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        table.caption,
        widths,
        head,
        rows,
    )


def intervals_html(chart: Intervals) -> str:
    """A table whose bars show probability, interval and prior of each diagnosis."""
    ticks = joined(html("<i style='left:{}%'>{}</i>", tick, tick) for tick in AXIS)
    leading = chart.rows[0]
    said = f"{chart.caption}; first {leading.label}, {percent(leading.now)}, on a scale from 0 to 100 %"
    return html(
        "<table class='intervals'><caption>{}</caption><thead><tr><th scope='col'>Diagnosis</th>"
        "<th scope='col'><span class='axis' role='img' aria-label='{}'>{}</span></th>"
        "<th scope='col'>Now</th><th scope='col'>90 % interval</th><th scope='col'>Before</th></tr></thead>"
        "<tbody>{}</tbody></table>",
        chart.caption,
        said,
        ticks,
        joined(_interval(row) for row in chart.rows),
    )


def _interval(row: IntervalRow) -> str:
    figures = (percent(row.now), interval_text(row.low, row.high), percent(row.before))
    said = f"{figures[0]}, 90 % interval {figures[1]}, before {figures[2]}"
    cells = joined(html("<td>{}</td>", figure) for figure in figures)
    return html(
        "<tr><th scope='row'>{}</th>"
        "<td><span class='track' role='img' aria-label='{}'>"
        "<i class='{}' style='width:{:.1f}%'></i>"
        "<i class='range' style='left:{:.1f}%;width:{:.1f}%'></i>"
        "<i class='before' style='left:{:.1f}%'></i></span></td>{}</tr>",
        row.label,
        said,
        row.family,
        100 * row.now,
        100 * row.low,
        100 * (row.high - row.low),
        100 * row.before,
        cells,
    )
