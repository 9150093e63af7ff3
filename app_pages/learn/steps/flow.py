"""All diagnoses flowing from prior to posterior: a bar of the whole for each step, joined by bands."""

from collections.abc import Mapping, Sequence

from app_pages.learn.pictures import image
from model.io.markup import html, joined
from model.learn.step_by_step import StepByStep
from model.patient.phrases import percent, value_phrase
from model.priors.vocabulary import Vocabulary

NAMED_FROM = 0.04
MOST_NAMED = 8
LETTER_ON_A_PHONE, LETTER = 0.021, 0.0085
"""Share of the width that a letter takes on a narrow and on a wide screen."""
TINTS = ("#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#d98b5f", "#9ad0c2", "#b9a6e0")
REST = "#c3cbd0"


def flow_html(way: StepByStep, shown: int, vocabulary: Vocabulary) -> str:
    """The prior and the first `shown` steps, top to bottom; diagnoses keep their order and tint throughout."""
    posteriors = [way.prior, *(step.posterior for step in way.steps[:shown])]
    watched = [d for d in (way.diagnosis, way.rival) if d]
    tints = _tints([way.prior, *(step.posterior for step in way.steps)], watched)
    order = [d for d in way.prior if d in tints] + [d for d in way.prior if d not in tints]
    labels = ["Before any finding", *(_finding(way, i, vocabulary) for i in range(shown))]
    rows = ""
    for number, (label, posterior) in enumerate(zip(labels, posteriors, strict=True)):
        bands = image(_bands(posteriors[number - 1], posterior, order, tints), "", "bands") if number else ""
        rows += html(
            "<li><div class='flow-step'>{}<span>{}</span></div>{}</li>",
            bands,
            label,
            _bar(posterior, order, tints, vocabulary),
        )
    return html("<ol class='flow'>{}</ol>{}", rows, _legend(tints, vocabulary))


def _finding(way: StepByStep, place: int, vocabulary: Vocabulary) -> str:
    step = way.steps[place]
    variable = vocabulary.variable(step.finding)
    return f"{place + 1}. {variable.label}: {value_phrase(step.value, variable)}"


def _tints(posteriors: Sequence[Mapping[str, float]], watched: Sequence[str]) -> dict[str, str]:
    """A tint for those watched and all that ever matter, in the order of the vocabulary; the rest share one."""
    most = {d: max(p[d] for p in posteriors) for d in posteriors[0]}
    named = sorted((d for d in most if most[d] >= NAMED_FROM and d not in watched), key=lambda d: -most[d])
    named = [*watched, *named][:MOST_NAMED]
    ordered = [d for d in most if d in named]
    return dict(zip(ordered, TINTS, strict=False))


def _bar(posterior: Mapping[str, float], order: Sequence[str], tints: Mapping[str, str], words: Vocabulary) -> str:
    said = ", ".join(
        f"{words.diagnosis_labels[d]} {percent(posterior[d])}"
        for d in sorted(posterior, key=lambda d: -posterior[d])[:4]
    )
    parts = joined(_part(d, posterior[d], tints, words) for d in order if posterior[d] >= 0.001)
    return html("<div class='flow-bar' role='img' aria-label='{}'>{}</div>", said, parts)


def _part(diagnosis: str, p: float, tints: Mapping[str, str], words: Vocabulary) -> str:
    short = words.short[diagnosis]
    mimic = diagnosis not in words.families.get("iim", ())
    text = ""
    if diagnosis in tints and p > LETTER * (len(short) + 1):
        fits_a_phone = p > LETTER_ON_A_PHONE * (len(short) + 1)
        text = html("<b class='{}'>{}</b>", "" if fits_a_phone else "fine", short)
    look = f"width:{100 * p:.2f}%;background-color:{tints.get(diagnosis, REST)}"
    kind = ("of-mimic" if mimic else "of-iim") + ("" if diagnosis in tints else " unnamed")
    return html("<i class='{}' style='{}'>{}</i>", kind, look, text)


def _bands(
    before: Mapping[str, float], after: Mapping[str, float], order: Sequence[str], tints: Mapping[str, str]
) -> str:
    paths, left, right = "", 0.0, 0.0
    for d in order:
        a, b = 1000 * before[d], 1000 * after[d]
        shape = f"M{left:.1f} 0C{left:.1f} 20 {right:.1f} 20 {right:.1f} 40H{right + b:.1f}"
        shape += f"C{right + b:.1f} 20 {left + a:.1f} 20 {left + a:.1f} 0Z"
        paths += html("<path fill='{}' fill-opacity='.4' d='{}'/>", tints.get(d, REST), shape) if max(a, b) >= 1 else ""
        left, right = left + a, right + b
    return html(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1000 40' preserveAspectRatio='none' width='1000' "
        "height='40'>{}</svg>",
        paths,
    )


def _legend(tints: Mapping[str, str], words: Vocabulary) -> str:
    rows = joined(
        html(
            "<li><i class='{}' style='background-color:{}'></i>{}: {}</li>",
            "of-iim" if d in words.families.get("iim", ()) else "of-mimic",
            tint,
            words.short[d],
            words.diagnosis_labels[d],
        )
        for d, tint in tints.items()
    )
    rest = html("<li><i style='background-color:{}'></i>all other diagnoses</li>", REST)
    return html("<ul class='flow-legend'>{}{}</ul>", rows, rest)
