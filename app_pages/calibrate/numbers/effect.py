"""What pending changes do: to the patient on the screen at once; to audit and evaluation when asked."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from app_pages.calibrate import work
from app_pages.calibrate.numbers import pending
from app_pages.calibrate.patient_choice import choose_patient
from app_pages.shared.charts import BLUE, GREY, data, show_chart
from app_pages.shared.examples import published_patients
from app_pages.shared.labels import state_label
from app_pages.shared.measures import METRIC_WORDS, whom, with_interval
from app_pages.shared.network import same_priors
from app_pages.shared.notice import show_notice
from app_pages.shared.tables import show_table
from model import InputError, Net
from model.calibrate.difference import effect_on_patient
from model.cases.case import Case
from model.measure.audit import AuditEffect, effect_on_audit
from model.measure.evaluate import Evaluation, evaluate
from model.priors.published import published_rates

if TYPE_CHECKING:
    from app_pages.shared.charts import Drawing

MOST_BARS = 8


def show(net: Net) -> None:
    """Before and after, on a patient, on the published rates, and on the published patients."""
    trial = pending.trial(net)
    if trial is None:
        return
    st.header("What the changes do", anchor=False)
    patient = choose_patient(net)
    try:
        _show_patient(net, effect_on_patient(net, trial.net, patient.findings, patient.setting))
    except InputError as error:
        show_notice(f"{error}.")
    mark = (same_priors(net), same_priors(trial.net))
    with st.container(horizontal=True):
        if net.priors.tables["evidence/rates"]:
            st.button("Published rates before and after", key="effect audit", on_click=work.start,
                      args=("effect audit", mark, _audit_task(net, trial.net)))  # fmt: skip
        cases = [case for case in published_patients(net.vocabulary).values() if case.diagnosis]
        if cases:
            st.button("Example patients before and after", key="effect evaluation", on_click=work.start,
                      args=("effect evaluation", mark, _evaluation_task(net, trial.net, cases)))  # fmt: skip
    audited = work.result("effect audit", mark)
    if isinstance(audited, AuditEffect):
        _show_audit(net, audited)
    evaluated = work.result("effect evaluation", mark)
    if isinstance(evaluated, tuple):
        _show_evaluation(*evaluated)


def _show_patient(net: Net, posterior: Mapping[str, tuple[float, float]]) -> None:
    labels = net.vocabulary.diagnosis_labels
    ranked = sorted(posterior.items(), key=lambda item: -max(item[1]))
    rows: list[dict[str, object]] = [
        {"diagnosis": labels.get(d, d), "before": round(100 * a, 3), "after": round(100 * b, 3)} for d, (a, b) in ranked
    ]
    largest = max(ranked, key=lambda item: abs(item[1][1] - item[1][0]))
    name, (old, new) = labels.get(largest[0], largest[0]), largest[1]
    st.markdown(f"Largest shift: **{name}**, {100 * old:.1f} % → {100 * new:.1f} %.")
    short = [{**row, "diagnosis": net.vocabulary.short.get(d, d)} for row, (d, _) in zip(rows, ranked, strict=True)]
    show_chart(before_after_chart(short[:MOST_BARS]), rows, "patient_before_after")


def before_after_chart(rows: list[dict[str, object]]) -> "Drawing":
    """Two marks a diagnosis, joined: hollow before, filled after."""
    import altair as alt

    long = [{**row, "when": when, "percent": row[when]} for row in rows for when in ("before", "after")]
    order = [str(row["diagnosis"]) for row in rows]
    y = alt.Y("diagnosis:N", title=None, sort=order, axis=alt.Axis(labelLimit=170, labelOverlap=False))
    line = alt.Chart(data(rows)).mark_rule(color=GREY).encode(y=y, x="before:Q", x2="after:Q")
    scale = alt.Scale(domain=["before", "after"], range=["circle", "diamond"])
    points = (
        alt.Chart(data(long))
        .mark_point(size=80, opacity=1)
        .encode(
            y=y,
            x=alt.X("percent:Q", title="Probability (%)", scale=alt.Scale(zero=True)),
            shape=alt.Shape("when:N", title=None, scale=scale, legend=alt.Legend(orient="top")),
            color=alt.Color("when:N", title=None, scale=alt.Scale(domain=["before", "after"], range=[GREY, BLUE])),
            tooltip=["diagnosis:N", "when:N", alt.Tooltip("percent:Q", format=".2f")],
        )
    )
    said = "; ".join(f"{row['diagnosis']} {row['before']} to {row['after']} %" for row in rows)
    return alt.layer(line, points).properties(description=f"Probabilities before and after: {said}.", height=300)


def _audit_task(net: Net, other: Net) -> work.Task:
    def task(tell: work.Tell) -> AuditEffect:
        rates = published_rates(net.priors)
        used = sum(not rate.left_out for rate in rates)
        return effect_on_audit(net, other, rates, work.steps(tell, used, "Published rates under both priors"))

    return task


def _show_audit(net: Net, audited: AuditEffect) -> None:
    st.markdown(
        f"Published rates that hold: **{audited.holds_before} before, {audited.holds_after} after**, "
        f"of {audited.rates}."
    )
    vocabulary = net.vocabulary
    rows = [
        {"now": word, "finding": vocabulary.variables[old.rate.finding].label,
         "state": state_label(old.rate.row["state"]), "diagnosis": whom(old.rate.row["diagnosis"], vocabulary),
         "given": whom(old.rate.row["given"], vocabulary),
         "published %": round(old.rate.percent, 1), "before %": round(old.implied_percent, 1),
         "after %": round(new.implied_percent, 1), "source": old.rate.row["source"]}
        for word, pairs in (("no longer holds", audited.lost), ("holds now", audited.won))
        for old, new in pairs
    ]  # fmt: skip
    if rows:
        show_table(rows, "audit_before_after")


def _evaluation_task(net: Net, other: Net, cases: list[Case]) -> work.Task:
    def task(tell: work.Tell) -> tuple[Evaluation, Evaluation] | None:
        if not tell(0.0, "Evaluating before"):
            return None
        before = evaluate(net, cases)[0]
        if not tell(0.5, "Evaluating after"):
            return None
        return before, evaluate(other, cases)[0]

    return task


def _show_evaluation(before: Evaluation, after: Evaluation) -> None:
    st.markdown(f"{len(before.posteriors)} example patients, with all findings; 90 % intervals by bootstrap.")
    rows = [
        {"measure": words, "before": with_interval(*before.metrics[m]), "after": with_interval(*after.metrics[m]),
         "difference": round(after.metrics[m][0] - before.metrics[m][0], 4)}
        for m, words in METRIC_WORDS.items()
    ]  # fmt: skip
    show_table(rows, "evaluation_before_after")
