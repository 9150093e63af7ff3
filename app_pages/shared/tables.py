"""Tables that can be searched and taken away."""

from collections.abc import Mapping, Sequence

import streamlit as st

from model.cases.files.write import escaped

ROWS_IN_SIGHT = 11
ROW_HEIGHT = 35


def show_table(rows: Sequence[Mapping[str, object]], name: str, search: str = "") -> None:
    """Rows with a field that searches them (where `search` names it), a count, and a download as CSV.

    `name` is that of the file and of the widgets; the columns "link" and "url" become links.
    """
    import pandas as pd

    shown = rows
    if search:
        words = st.text_input(search, key=f"search {name}", placeholder="Rows that contain all these words")
        shown = matching(rows, words or "")
    frame = pd.DataFrame(list(shown), columns=list(rows[0]) if rows else None)
    links = {column: st.column_config.LinkColumn(column, display_text="open") for column in ("link", "url")}
    st.dataframe(
        frame,
        hide_index=True,
        height=ROW_HEIGHT * (min(len(frame), ROWS_IN_SIGHT) + 1) + 3,
        column_config={column: config for column, config in links.items() if column in frame},
        placeholder="–",
    )
    count = f"{len(shown)} of {len(rows)} rows" if len(shown) < len(rows) else f"{len(rows)} rows"
    download_rows(shown, name, count)


def download_rows(rows: Sequence[Mapping[str, object]], name: str, caption: str) -> None:
    """A caption and the button that downloads the rows as CSV."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(caption)
        st.download_button(
            "Download table (CSV)",
            lambda: csv_of(rows),
            f"{name}.csv",
            "text/csv",
            key=f"take {name}",
            type="tertiary",
            on_click="ignore",
        )


def csv_of(rows: Sequence[Mapping[str, object]]) -> bytes:
    """The rows as CSV in which no cell is a formula to a spreadsheet.

    >>> csv_of([{"a": "=1+1"}])
    b"a\\n'=1+1\\n"
    """
    import pandas as pd

    safe = [{name: escaped(v) if isinstance(v, str) else v for name, v in row.items()} for row in rows]
    return pd.DataFrame(safe).to_csv(index=False).encode()


def matching(rows: Sequence[Mapping[str, object]], words: str) -> list[Mapping[str, object]]:
    """The rows in which every word occurs, in any column and in capitals or not.

    >>> matching([{"a": "CK level"}, {"a": "rash"}], "ck LEV")
    [{'a': 'CK level'}]
    """
    wanted = words.casefold().split()
    return [row for row in rows if all(word in " ".join(map(str, row.values())).casefold() for word in wanted)]
