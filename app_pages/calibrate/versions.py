"""Versions: the sets of priors of this session: use one, take it away, open one again, tell two apart."""

from collections.abc import Sequence

import streamlit as st

from app_pages.calibrate import sets
from app_pages.shared.notice import show_notice
from app_pages.shared.number_words import number_label, value_words
from app_pages.shared.tables import show_table
from model import InputError, Net
from model.calibrate.archive import LARGEST, unzipped
from model.calibrate.difference import NumberDifference, difference
from model.calibrate.edit import read_log, to_cite
from model.io.markup import html


def show(net: Net) -> None:
    """The list with its buttons; the log of the set in use; a comparison of two."""
    st.markdown(
        "Priors are a folder of tables. Download them as a zip file, unpack it, and pass the folder to any command "
        "with "
        "`--priors DIR`. Priors saved here last as long as this tab is open."
    )
    for place, (name, one) in enumerate(sets.nets().items()):
        _row(place, name, one)
    _open()
    _log(net)
    if len(sets.nets()) > 1:
        _compare()


def _row(place: int, name: str, net: Net) -> None:
    used = name == sets.name_in_use()
    with st.container(horizontal=True, vertical_alignment="center", key=f"set {place}"):
        st.html(
            html(
                "<p class='priors-set'><strong>{}</strong>{}<br><code>{}</code></p>",
                name,
                " (in use)" if used else "",
                net.priors.fingerprint,
            ),
            width="stretch",
        )
        st.button("Use", key=f"use {place}", disabled=used, on_click=sets.use_from_button, args=(name,))
        st.download_button("Download (zip)", lambda: sets.zipped_set(net), sets.file_name(net),
                           "application/zip", key=f"zip {place}", on_click="ignore")  # fmt: skip
        if place:
            st.button("Remove", key=f"remove {place}", on_click=sets.remove, args=(name,))


def _open() -> None:
    left_out: Sequence[str] = st.session_state.pop("findings left out", ())
    if left_out:
        show_notice(f"Not in these priors, so removed from the patient: {', '.join(left_out)}.")
    turn = st.session_state.get("zip turn", 0)
    upload = st.file_uploader("Open priors (zip)", type="zip", key=f"zip upload {turn}",
                              max_upload_size=LARGEST // 2**20)  # fmt: skip
    if upload is None:
        return
    try:
        with st.spinner("Reading and checking the tables"):
            name = _free_name(upload.name.removesuffix(".zip"))
            sets.keep(sets.made(name, lambda out: unzipped(upload.getvalue(), out, upload.name)))
    except InputError as error:
        show_notice(f"{error}.")
        return
    st.session_state["zip turn"] = turn + 1
    st.rerun()


def _free_name(name: str) -> str:
    taken, number, free = sets.nets(), 2, name[:60]
    while free in taken:
        free, number = f"{name[:60]} ({number})", number + 1
    return free


def _log(net: Net) -> None:
    log = read_log(net.priors.folder)
    if not log:
        return
    st.header("How the priors in use were made", anchor=False)
    show_table(log, "changes", "Search the changes")
    st.markdown("**Cite these besides the model**")
    show_table([{"source": key, "citation": text} for key, text in to_cite(net.priors.folder).items()], "to_cite")


def _compare() -> None:
    st.header("Compare two priors", anchor=False)
    nets = sets.nets()
    names = list(nets)
    with st.container(horizontal=True):
        first = st.selectbox("From", names, key="compare from", width=330)
        second = st.selectbox("To", names, index=len(names) - 1, key="compare to", width=330)
    if first == second:
        return
    rows = difference_rows(nets[first], nets[second])
    st.markdown(f"{len(rows)} numbers, arrows or states differ.")
    if rows:
        show_table(rows, "difference", "Search the differences")


def difference_rows(before: Net, after: Net) -> list[dict[str, object]]:
    """One row for each number, arrow or state that is not the same in both."""
    found = difference(before.priors, after.priors)
    rows = [_difference_row(before, after, pair) for pair in found.numbers]
    for word in (*found.edges, *found.states):
        rows.append({"number": word[2:], "differs in": "added" if word[0] == "+" else "removed", "from": "", "to": ""})
    return rows


def _difference_row(before: Net, after: Net, pair: NumberDifference) -> dict[str, object]:
    label = number_label(after, pair.after) if pair.after else ""
    if pair.before and not pair.after:
        label = number_label(before, pair.before)
    return {
        "number": label,
        "differs in": pair.what,
        "from": value_words(pair.before) if pair.before else "",
        "to": value_words(pair.after) if pair.after else "",
    }
