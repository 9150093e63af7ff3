"""How the model was checked: published rates against implied ones, and published patients."""

from collections.abc import Mapping

import streamlit as st

from app_pages.shared import measures as charts
from app_pages.shared.charts import draw_chart
from app_pages.shared.examples import PUBLISHED
from app_pages.shared.network import same_priors
from app_pages.shared.notice import show_notice
from app_pages.shared.tables import show_table
from model import InputError, Net
from model.cases.case import Case, read_cases
from model.measure.audit import GROSS_MISFIT, TOLERANCE, Audited, audit, share_that_holds
from model.measure.evaluate import METRICS, STAGES, Evaluation, by_diagnosis, evaluate
from model.measure.groups import GROUPED_BY, by_group
from model.priors.published import published_rates

RATES_AT_ONCE = 40
MISFIT_KEY = ("finding", "state", "diagnosis", "given", "source")


@st.fragment(key="checks")
def show(net: Net) -> None:
    """The audit and the evaluation."""
    st.header("Does the model reproduce published rates?", anchor=False)
    _show_audit(net)
    st.header("Example patients", anchor=False)
    try:
        cases = read_cases(PUBLISHED, net.vocabulary)
    except InputError as error:
        show_notice(f"The example patients cannot be read with these priors: {error}.")
        return
    _show_evaluation(net, [case for case in cases if case.diagnosis])


def _show_audit(net: Net) -> None:
    if not net.priors.tables["evidence/rates"]:
        st.markdown("These priors contain no published rates.")
        return
    st.markdown(
        "Each published rate is compared with the rate that the model implies for the same patients. It holds if the "
        f"implied rate lies in the study's 95 % interval or within {TOLERANCE:g} points."
    )
    mark = net.priors.fingerprint
    if st.session_state.get("audited", ("",))[0] != mark:
        if not st.button("Compare all rates", type="primary", key="run audit"):
            return
        st.session_state["audited"] = (mark, _run_audit(net))
        st.rerun(scope="fragment")
    audited: list[Audited] = st.session_state["audited"][1]
    holds = sum(item.holds for item in audited)
    strictly = sum(item.strictly for item in audited)
    gross = sum(abs(item.difference) > GROSS_MISFIT and not item.holds for item in audited)
    st.markdown(
        f"**{strictly} of {len(audited)} rates hold ({100 * strictly / max(1, len(audited)):.1f} %)**; {holds} "
        f"({100 * holds / max(1, len(audited)):.1f} %) with the interval widened for the spread between studies; "
        f"{gross} are off by more than {GROSS_MISFIT:g} points."
    )
    draw_chart(charts.audit_chart(audited, net.vocabulary))
    misfits = sorted((item for item in audited if not item.holds), key=lambda item: -abs(item.difference))
    with st.expander("Rates that do not hold, worst first"):
        lines = ledger_lines(net)
        rows = [
            {**charts.audit_row(item, net.vocabulary), "ledger": lines.get(misfit_key(item.rate.row.cells), "")}
            for item in misfits
        ]
        show_table(rows, "misfits", "Search these rates")
    with st.expander("All rates"):
        show_table([charts.audit_row(item, net.vocabulary) for item in audited], "audit", "Search all rates")
    with st.expander("By diagnosis"):
        shares = share_that_holds(audited, "diagnosis")
        show_table(
            [
                {"diagnosis": charts.whom(d, net.vocabulary), "rates": n, "hold": k, "%": round(100 * k / n)}
                for d, n, k in shares
            ],
            "by_diagnosis",
        )


def misfit_key(cells: Mapping[str, str]) -> tuple[str, ...]:
    """What tells one published rate from another."""
    return tuple(cells[column] for column in MISFIT_KEY)


def ledger_lines(net: Net) -> dict[tuple[str, ...], str]:
    """The line of the ledger that explains a gross misfit."""
    return {misfit_key(row.cells): row["discrepancy"] for row in net.priors.tables["evidence/misfits"]}


def _run_audit(net: Net) -> list[Audited]:
    """Every rate, with a bar that shows how far it is."""
    rates = published_rates(net.priors)
    used = sum(not rate.left_out for rate in rates)
    bar = st.progress(0.0, "Comparing published rates")
    audited: list[Audited] = []
    for item in audit(net, rates):
        audited.append(item)
        if len(audited) % RATES_AT_ONCE == 0:
            bar.progress(len(audited) / used, f"Comparing published rates: {len(audited)} of {used}")
    bar.empty()
    return audited


@st.cache_resource(max_entries=4, show_spinner="Evaluating on the example patients", hash_funcs={Net: same_priors})
def evaluated(net: Net, _cases: list[Case], stage: str) -> list[Evaluation]:
    """The network and its baselines at a stage."""
    return evaluate(net, _cases, stage)


def _show_evaluation(net: Net, cases: list[Case]) -> None:
    st.markdown(
        f"{len(cases)} patients from published reports with an established diagnosis. They are few, typical and "
        "sparsely described. No number was fitted to them, but the model's authors knew them. Intervals are 90 %, "
        "by bootstrap."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stage = st.selectbox(
            "What is known", STAGES[::-1], format_func=charts.STAGE_WORDS.__getitem__, key="stage", width=400
        )
        metric = st.selectbox(
            "Measure", charts.METRIC_WORDS, format_func=charts.METRIC_WORDS.__getitem__, key="metric", width=330
        )
    results = evaluated(net, cases, stage)
    st.caption(f"{charts.METRIC_WORDS[metric]}: {METRICS[metric]}.")
    draw_chart(charts.metric_chart(results, metric, charts.METRIC_WORDS[metric]))
    with st.expander("All measures, model and simpler predictors"):
        show_table(charts.metric_rows(results), f"evaluation_{stage}")
    st.subheader("By group", anchor=False)
    groups = [finding for finding in GROUPED_BY if finding in net.vocabulary.findings]
    rows = [charts.group_row(group, net.vocabulary) for f in groups for group in by_group(net, results[0], cases, f)]
    show_table(rows, f"groups_{stage}")
    with st.expander("By diagnosis"):
        labels = net.vocabulary.diagnosis_labels
        show_table(
            [
                {"diagnosis": labels[d], "patients": n, "first": k, "mean probability given to it": round(p, 2)}
                for d, n, k, p in by_diagnosis(results[0], cases, net.vocabulary)
            ],
            f"diagnoses_{stage}",
        )
