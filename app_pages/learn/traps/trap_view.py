"""A trap on the screen: the story with live numbers, and the probabilities at the present step."""

from collections.abc import Sequence

from app_pages.shared.labels import FAMILY_LABELS
from model.inference.net import Net
from model.io.markup import html, joined
from model.learn.trap_tables import Trap
from model.learn.traps import Shown, filled_text, not_shown, probability_of
from model.learn.words import side_phrase
from model.patient.phrases import capitalised, diagnosis_phrase, enumeration, finding_phrase, percent

MOST_SHOWN = 6
DOUBT = "With the priors in use, the network does not show what this sentence says."


def story_html(net: Net, trap: Trap, shown: Sequence[Shown]) -> str:
    """What has been filled_text, the present step last and in full weight."""
    items = joined(
        html(
            "<li class='{}'>{}{}</li>",
            "present" if number == len(shown) else "",
            filled_text(net, step, trap.watch),
            _doubt(net, step),
        )
        for number, step in enumerate(shown, 1)
    )
    return html("<h2>{}</h2><div role='status'><ol class='trap-story'>{}</ol></div>", trap.title, items)


def _doubt(net: Net, shown: Shown) -> str:
    """A word of warning where changed priors no longer show what the story says."""
    return html("<p class='notice'>{}</p>", DOUBT) if not_shown(net, shown) else ""


def question_html(trap: Trap) -> str:
    return html("<h2>The question</h2><p class='learn-says'>{}</p>", trap.question)


def answer_html(net: Net, trap: Trap, answer: Shown) -> str:
    """The answer in words, with the state of the toggle that it speaks of."""
    finding = trap.toggles[0]
    tried = capitalised(finding_phrase(net.vocabulary, finding, trap.state))
    return html("<p><b>{}.</b> {}</p>{}", tried, filled_text(net, answer, trap.watch), _doubt(net, answer))


def bars_html(net: Net, trap: Trap, shown: Shown) -> str:
    """The watched side in one sentence, then the most probable diagnoses; a mark shows the step before."""
    first = sorted(shown.after, key=lambda d: -shown.after[d])[:MOST_SHOWN]
    if trap.watch in shown.after and trap.watch not in first:
        first[-1] = trap.watch
    rest = [d for d in shown.after if d not in first]
    rows = joined(_row(net, d, shown, d == trap.watch) for d in first)
    rows += _rest(len(rest), sum(shown.after[d] for d in rest), sum(shown.before[d] for d in rest))
    return html(
        "<h2>Now</h2>{}<table class='quiz-table trap-bars'><caption class='unseen'>"
        "The most probable diagnoses now, and before this step</caption><thead><tr><th scope='col'>Diagnosis</th>"
        "<th scope='col'>Now</th><th scope='col'>Before</th></tr></thead><tbody>{}</tbody></table>"
        "<p class='learn-note'>The mark on a bar: before this step. {}</p>",
        watched_html(net, trap, shown),
        rows,
        _known(net, shown),
    )


def watched_html(net: Net, trap: Trap, shown: Shown) -> str:
    """The watched side before and after, read aloud when it changes."""
    before, after = probability_of(net, shown.before, trap.watch), probability_of(net, shown.after, trap.watch)
    name = capitalised(side_phrase(net.vocabulary, trap.watch).removeprefix("an ").removeprefix("a "))
    return html(
        "<p class='learn-says trap-watched' role='status'>{}: {} → <b>{}</b></p>", name, percent(before), percent(after)
    )


def _row(net: Net, diagnosis: str, shown: Shown, watched: bool) -> str:
    family = next(f for f, members in net.vocabulary.families.items() if diagnosis in members)
    name = capitalised(diagnosis_phrase(net.vocabulary, diagnosis))
    title = FAMILY_LABELS.get(family, family)
    return _cells(name, family, shown.after[diagnosis], shown.before[diagnosis], title, "present" if watched else "")


def _rest(count: int, after: float, before: float) -> str:
    return _cells(f"{count} others", "rest", after, before, "", "") if count else ""


def _cells(name: str, family: str, after: float, before: float, title: str, kind: str) -> str:
    look = f"--now:{100 * after:.1f}%;--before:{100 * before:.1f}%"
    return html(
        "<tr class='{}'><th scope='row' class='{}' title='{}'>{}</th><td class='{}' "
        "style='{}'><b>{}</b></td><td>{}</td></tr>",
        kind,
        family,
        title,
        name,
        family,
        look,
        percent(after),
        percent(before),
    )


def _known(net: Net, shown: Shown) -> str:
    """The patient in words; a whole panel of negative tests is not read out."""
    findings = shown.step.findings
    negative = [f for f, state in findings.items() if state == "negative"]
    told_apart = [f for f in findings if f not in negative or len(negative) <= MOST_SHOWN]
    phrases = [finding_phrase(net.vocabulary, f, findings[f]) for f in told_apart]
    if len(negative) > MOST_SHOWN:
        phrases.append(f"{len(negative)} antibodies negative")
    setting = net.vocabulary.setting_labels[shown.step.setting]
    return f"Referral setting: {setting}. Known: {(enumeration(phrases) or 'nothing yet')}."


def open_html(query: str) -> str:
    """A link to Explore with this patient, in a tab of its own: what is entered there already stays."""
    return html(
        "<p class='trap-open'><a href='./?{}' target='_blank' rel='noopener'>Open in Explore "
        "<span class='unseen'>(new tab)</span></a></p>",
        query,
    )


def sources_html(net: Net, trap: Trap) -> str:
    """Whose facts the story rests on."""
    items = joined(
        html("<li>{} ({})</li>", net.priors.sources[key]["citation"], locator) for key, locator in trap.sources
    )
    return html("<details class='trap-sources'><summary>Sources of the facts</summary><ul>{}</ul></details>", items)
