"""The runs on the page Runs that cannot be read, with a button to delete each."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.state.pages import runs_page
from engine.runs.store.damaged import DamagedRun

MAX_ROWS = 20


def show(runs: Sequence[DamagedRun]) -> None:
    """Name the runs that cannot be read. Show nothing if there are none."""
    if not runs:
        return
    count = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
    with st.expander(f"{count} cannot be read", icon=":material/warning:"):
        st.caption("Another program or a failing disk has changed these rows of the database. They cannot be restored.")
        for run in runs[:MAX_ROWS]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button("Delete", key=f"damaged_{run.key}", on_click=runs_page.delete_damaged, args=(run.key,))
                st.caption(escape_markdown(f"{run.name}: {run.problem}"))
