"""Two patients side by side as HTML: the sentence, the probabilities, what differs."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from app_pages.shared.labels import FAMILY_LABELS
from model import Net
from model.io.markup import html, joined
from model.patient.patient import Patient
from model.patient.phrases import capitalised, diagnosis_phrase, enumeration, odds_change, percent, value_phrase
from model.patient.why.compare import SETTING, Comparison, Difference, Probabilities, sentence
from model.priors.vocabulary import Vocabulary

WORTH_A_ROW = 0.005
NOTHING_ENTERED = "Nothing entered yet: A shows how common each diagnosis is in this referral setting."


def patient_html(title: str, patient: Patient, vocabulary: Vocabulary) -> str:
    """One line on a patient: age, sex, how many findings, setting."""
    head = html("<h2>{}</h2>", title) if title else ""
    nothing = "" if patient.findings or not title else html("<p class='compare-note'>{}</p>", NOTHING_ENTERED)
    return html("{}<p class='compare-patient'>{}</p>{}", head, _described(patient, vocabulary), nothing)


def comparison_html(comparison: Comparison, net: Net) -> str:
    """Everything below the choice of B."""
    vocabulary = net.vocabulary
    rows = [pair for pair in comparison.diagnoses if max(pair.first, pair.second) >= WORTH_A_ROW]
    rest = [pair for pair in comparison.diagnoses if pair not in rows]
    return html(
        "<p class='compare-says' role='status'>{}</p><h2>Probability in A and in B</h2>{}{}{}{}",
        sentence(comparison, vocabulary),
        _probabilities(comparison.families, rows, vocabulary),
        _folded(rest, vocabulary),
        _differences(comparison, vocabulary),
        _alike(comparison, vocabulary),
    )


def _described(patient: Patient, vocabulary: Vocabulary) -> str:
    known = [patient.findings.get(name) for name in ("age_at_onset", "sex")]
    age, sex = ("" if value is None else value_phrase(value) for value in known)
    count = f"{len(patient.findings)} finding{'' if len(patient.findings) == 1 else 's'}"
    setting = vocabulary.setting_labels.get(str(patient.setting), "")
    return " · ".join(filter(None, [f"{age} years" if age else "", sex, count, setting]))


def _probabilities(
    families: Sequence[Probabilities], diagnoses: Sequence[Probabilities], vocabulary: Vocabulary
) -> str:
    return html(
        "<table class='compare'><caption class='unseen'>Probability of families and diagnoses in A and in B</caption>"
        "<thead><tr><th scope='col'>Diagnosis</th><td><span class='of-a'>A</span> <span class='of-b'>B</span></td>"
        "<th scope='col'>A</th><th scope='col'>B</th><th scope='col'>B − A</th></tr></thead>"
        "<tbody class='families-of-both'>{}</tbody>"
        "<tbody>{}</tbody></table>",
        joined(_row(p, p.id, FAMILY_LABELS[p.id]) for p in families),
        _rows(diagnoses, vocabulary),
    )


def _rows(pairs: Sequence[Probabilities], vocabulary: Vocabulary) -> str:
    family = {d: name for name, members in vocabulary.families.items() for d in members}
    return joined(_row(pair, family[pair.id], capitalised(diagnosis_phrase(vocabulary, pair.id))) for pair in pairs)


def _row(pair: Probabilities, family: str, name: str) -> str:
    return html(
        "<tr data-compared='{}'><th scope='row' class='{}'>{}</th>"
        "<td class='{}' style='--a:{:.1f}%;--b:{:.1f}%'></td>"
        "<td>{}</td><td>{}</td><td>{}</td></tr>",
        pair.id,
        family,
        name,
        family,
        100 * pair.first,
        100 * pair.second,
        percent(pair.first),
        percent(pair.second),
        points(pair.difference),
    )


def points(difference: float) -> str:
    """A difference of two probabilities in points of a hundred, with a true minus sign.

    >>> points(0.123), points(-0.004), points(0.0001)
    ('+12', '−0.4', '0')
    """
    value = 100 * difference
    if abs(value) < 0.05:
        return "0"
    number = f"{abs(value):.1f}" if abs(value) < 9.95 else f"{abs(value):.0f}"
    return f"{'+' if value > 0 else '−'}{number}"


def _folded(rest: Sequence[Probabilities], vocabulary: Vocabulary) -> str:
    if not rest:
        return ""
    rows = joined(
        html(
            "<tr><th scope='row'>{}</th><td>{}</td><td>{}</td></tr>",
            capitalised(diagnosis_phrase(vocabulary, pair.id)),
            percent(pair.first),
            percent(pair.second),
        )
        for pair in rest
    )
    return html(
        "<details class='compare-rest'><summary>{} others, each under {:g} % in both</summary>"
        "<table><thead><tr><th scope='col'>Diagnosis</th><th scope='col'>A</th><th scope='col'>B</th></tr></thead>"
        "<tbody>{}</tbody></table></details>",
        len(rest),
        100 * WORTH_A_ROW,
        rows,
    )


def _differences(comparison: Comparison, vocabulary: Vocabulary) -> str:
    if not comparison.differences:
        return ""
    name = diagnosis_phrase(vocabulary, comparison.compared)
    rows = joined(_difference(difference, vocabulary) for difference in comparison.differences)
    total = comparison.log_odds[1] - comparison.log_odds[0]
    added = f" Together: {odds_change(total)}." if math.isfinite(total) and len(comparison.differences) > 1 else ""
    estimate = "" if comparison.exact else " With so many differences the effects are estimates."
    return html(
        "<h2>What differs</h2><table class='compare-differences'><thead><tr><th scope='col'>Finding</th>"
        "<th scope='col'>A</th><th scope='col'>B</th><th scope='col'>Effect of "
        "B</th></tr></thead><tbody>{}</tbody>"
        "</table><p class='compare-note'>Effect of B: what the value in B, instead of the value in A, does to the "
        "odds of {}.{}{}</p>",
        rows,
        name,
        added,
        estimate,
    )


def _difference(difference: Difference, vocabulary: Vocabulary) -> str:
    if difference.name == SETTING:
        label, values = "Referral setting", [_setting(v, vocabulary) for v in (difference.first, difference.second)]
    else:
        variable = vocabulary.variable(difference.name)
        label = variable.label
        values = ["unknown" if v is None else value_phrase(v, variable) for v in (difference.first, difference.second)]
    cells = joined(html("<td>{}</td>", value) for value in values)
    return html("<tr><th scope='row'>{}</th>{}<td>{}</td></tr>", label, cells, _effect(difference))


def _setting(value: object, vocabulary: Vocabulary) -> str:
    return vocabulary.setting_labels.get(str(value), "own prior")


def _effect(difference: Difference) -> str:
    if math.isinf(difference.weight):
        return "proves it" if difference.weight > 0 else "excludes it"
    return odds_change(difference.weight)


def _alike(comparison: Comparison, vocabulary: Vocabulary) -> str:
    if not comparison.same:
        return (
            Markup("<p class='compare-note'>No finding is the same in both patients.</p>")
            if comparison.differences
            else ""
        )
    texts = [
        f"{vocabulary.variable(name).label}: {value_phrase(comparison.first.findings[name], vocabulary.variable(name))}"
        for name in comparison.same
    ]
    return html("<p class='compare-note'>The same in both: {}.</p>", enumeration(texts))
