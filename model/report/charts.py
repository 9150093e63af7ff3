"""Charts as HTML that stands alone: a table whose bars are drawn by its own style, read aloud as a table."""

from markupsafe import Markup

from model.io.markup import html, joined
from model.patient.why.weight_of_evidence import WeightOfEvidence
from model.priors.vocabulary import Vocabulary
from model.report.waterfall import Scale, Step, Waterfall, waterfall

LEAST_DISTANCE_ON_A_PHONE = 33.0
WATERFALL_STYLE = Markup("""
.waterfall { --for: light-dark(#5b3a8c, #b79ae0); --against: light-dark(#5b3a8c, #b79ae0);
  width: 100%; border-collapse: collapse; table-layout: fixed; font-size: .84rem; margin: .2rem 0; }
.waterfall th, .waterfall td { padding: .12rem .3rem .12rem 0; border: 0; line-height: 1.3; text-align: left;
  vertical-align: middle; font-weight: 400; overflow-wrap: break-word; hyphens: auto; }
.waterfall thead th { font-size: .8rem; color: var(--muted, #4d5f6b); vertical-align: bottom; }
.waterfall tr > :nth-child(1) { width: 31%; }
.waterfall tr > :nth-child(3) { width: 21%; padding-left: .4rem; }
.waterfall tr > :nth-child(4) { width: 4.4rem; text-align: right; padding-right: 0; }
.waterfall .axis { position: relative; display: block; height: 1.2rem; }
.waterfall .axis i { position: absolute; bottom: 0; transform: translateX(-50%); font-style: normal;
  white-space: nowrap; font-size: .72rem; }
.waterfall tbody td:nth-child(2) { position: relative; padding: 0; height: 1.5rem;
  background: repeat-x left / 100% 100% linear-gradient(var(--rail, #edf1f4) 0 0); border-block: 2px solid
  var(--surface, #fff); }
.waterfall .bar { position: absolute; inset-block: .18rem; min-width: 2px; box-sizing: border-box; }
.waterfall .for { background: var(--for); }
.waterfall .against { border: 1px solid var(--against);
  background: repeating-linear-gradient(135deg, var(--against) 0 2px, transparent 2px 5px); }
.waterfall .tick { position: absolute; inset-block: 0; width: 1px; background: var(--line, #d5dde2); }
.waterfall .mark { position: absolute; inset-block: 0; width: 3px; margin-left: -1px; background: var(--ink, #17242d); }
.waterfall .total th, .waterfall .total td { font-weight: 600; }
@media (max-width: 640px) {
  .waterfall .axis .fine { display: none; }
  .waterfall tr > :nth-child(1) { width: 35%; }
  .waterfall tr > :nth-child(3) { width: 24%; }
  .waterfall tr > :nth-child(4) { width: 3.3rem; }
}
""")


def waterfall_html(weights: WeightOfEvidence, vocabulary: Vocabulary) -> str:
    """From prior to posterior, one bar a finding, largest first: to the right for, to the left against.

    The scale is the log odds of the diagnosis, labelled with probabilities. With WATERFALL_STYLE the table is
    the chart; each bar says in words what it shows. The last column holds the probability without the finding.
    """
    return chart_html(waterfall(weights, vocabulary))


def chart_html(chart: Waterfall) -> str:
    """A waterfall that is already laid out."""
    rows = joined(_row(step, chart.scale) for step in chart.steps)
    return html(
        "<table class='waterfall'><caption class='unseen'>{}; largest weight first</caption>"
        "<thead><tr><th scope='col'>Finding</th><th scope='col'>{}</th>"
        "<th scope='col'>Effect on the odds</th><th scope='col'>Without it</th></tr></thead><tbody>"
        "{}{}"
        "{}</tbody></table>",
        chart.label,
        _axis(chart.scale, chart.label),
        _total("Before any finding", *chart.before, chart.scale),
        rows,
        _total("With all findings", *chart.after, chart.scale),
    )


def _axis(scale: Scale, label: str) -> str:
    always = scale.ticks(LEAST_DISTANCE_ON_A_PHONE)
    labels = joined(
        html("<i{} style='left:{:.1f}%'>{:g} %</i>", "" if (p, place) in always else " class=fine", place, 100 * p)
        for p, place in scale.ticks()
    )
    return html("<span class='axis' role='img' aria-label='{}'>{}</span>", label, labels)


def _lines(scale: Scale) -> str:
    return joined(html("<i class='tick' style='left:{:.1f}%'></i>", place) for _, place in scale.ticks())


def _row(step: Step, scale: Scale) -> str:
    left, right = sorted((step.start, step.end))
    return html(
        "<tr data-finding='{}'><th scope='row'>{}</th>"
        "<td>{}<i class='bar {}' role='img' aria-label='{}' "
        "style='left:{:.2f}%;width:{:.2f}%'></i></td>"
        "<td>{}</td><td>{}</td></tr>",
        step.finding,
        step.label,
        _lines(scale),
        step.side,
        step.said,
        left,
        right - left,
        step.weight,
        step.without,
    )


def _total(label: str, place: float, probability: str, scale: Scale) -> str:
    return html(
        "<tr class='total'><th scope='row'>{}</th><td>{}"
        "<i class='mark' style='left:{:.2f}%'></i></td><td>{}</td><td></td></tr>",
        label,
        _lines(scale),
        place,
        probability,
    )
