"""The network drawn, and the table of every number of the node that is chosen."""

import streamlit as st

from app_pages.about.layout import draw, relatives
from app_pages.about.picture import description, network_html, network_svg
from app_pages.shared.labels import GROUP_LABELS
from app_pages.shared.network import same_priors
from app_pages.shared.number_rows import number_rows, source_rows
from app_pages.shared.tables import show_table
from model import Net
from model.calibrate.numbers import Number, numbers
from model.priors.vocabulary import Variable

ZOOMS = {"Fit": 0, "75 %": 75, "100 %": 100, "150 %": 150, "200 %": 200}
KIND_NAMES = {"setting": "setting", "diagnosis": "diagnosis", "hidden": "hidden variable"}


@st.cache_resource(max_entries=2, hash_funcs={Net: same_priors})
def numbers_by_node(net: Net) -> dict[str, list[Number]]:
    """Rates, shares and odds ratios of each node."""
    result: dict[str, list[Number]] = {}
    for number in numbers(net.priors):
        result.setdefault(number.node, []).append(number)
    return result


@st.fragment(key="network drawn")
def show(net: Net) -> None:
    """The drawing with its controls, then the chosen node."""
    variables = net.vocabulary.variables
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Node", ["", *variables], key="node", width=330,
                              format_func=lambda n: node_label(variables[n]) if n else "None chosen")  # fmt: skip
        zoom = st.segmented_control("Size", list(ZOOMS), default="100 %", key="zoom", required=True)
        alone = st.toggle("Only this node and its neighbours", key="neighbours", disabled=not chosen)
    roles = roles_around(net, chosen)
    drawing = draw(net.priors, roles if chosen and alone else None)
    picture = network_svg(drawing, roles, chosen)
    said = description(drawing, net.vocabulary, roles)
    st.html(network_html(picture, said, drawing.width, ZOOMS[zoom or "100 %"]))
    st.html(LEGEND)
    st.download_button("Download drawing (SVG)", picture, f"network{'_' * bool(chosen)}{chosen}.svg", "image/svg+xml",
                       key="take drawing", type="tertiary", on_click="ignore")  # fmt: skip
    if chosen:
        _show_node(net, variables[chosen])
    with st.expander("All arrows with their reasons"):
        show_table(edge_rows(net), "arrows", "Search the arrows")


LEGEND = (
    "<p class='legend'><span class='key-hidden'>round, dashed: hidden variable, never observed directly</span> "
    "<span>▲ parent of the chosen node (solid arrow)</span> <span>▼ child (dashed arrow)</span></p>"
)


def node_label(variable: Variable) -> str:
    """The name of a node with what it is."""
    kind = KIND_NAMES.get(variable.kind) or GROUP_LABELS.get(variable.group, variable.group)
    return variable.label if variable.label.lower() == kind else f"{variable.label} ({kind})"


def roles_around(net: Net, chosen: str) -> dict[str, str]:
    """The chosen node, its parents and its children with what they are to it."""
    if not chosen:
        return {}
    parents, children = relatives(net.priors, chosen)
    return {chosen: "chosen"} | dict.fromkeys(parents, "parent") | dict.fromkeys(children, "child")


def edge_rows(net: Net) -> list[dict[str, object]]:
    """One row an arrow, with why it is there and who says so."""
    label = {name: variable.label for name, variable in net.vocabulary.variables.items()}
    return [
        {"from": label[row["parent"]], "to": label[child], "reason": row["reason"], "source": row["source"]}
        for row in net.priors.tables["edges/"]
        for child in row.words("child")
    ]


def _show_node(net: Net, variable: Variable) -> None:
    st.header(variable.label, anchor=False)
    own = numbers_by_node(net).get(variable.id, [])
    states = ", ".join(state.replace("_", " ") for state in variable.states)
    definition = variable.definition.rstrip(".")
    st.markdown(f"{definition}. States: {states}." if definition else f"States: {states}.")
    if not own:
        st.markdown("This node has no numbers: the user chooses its value.")
        return
    grades = net.priors.grades
    used = [grade for grade in grades if any(number.grade == grade for number in own)]
    chosen = st.pills("Grade", used, selection_mode="multi", key=f"grades {variable.id}",
                      format_func=lambda grade: f"{grade}: {grades[grade]}")  # fmt: skip
    kept = [number for number in own if not chosen or number.grade in chosen]
    show_table(number_rows(kept, net.priors), f"numbers_{variable.id}", "Search the numbers")
    with st.expander("Sources of these numbers"):
        show_table(source_rows(kept, net.priors), f"sources_{variable.id}")
