"""The runs on the page Runs that cannot be read, with a button to delete each."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import _compat
from dashboard.charts.escaping import escape_markdown
from dashboard.state import dialogs
from dashboard.state.pages import runs_page
from engine.runs.store.damaged import DamagedRun

MAX_ROWS = 20
DIALOG = "damaged"  # key of the dialog


def show(runs: Sequence[DamagedRun]) -> None:
    """Name the runs that cannot be read. Show nothing if there are none."""
    if not runs:
        return
    count = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
    with st.expander(f"{count} cannot be read", icon=":material/warning:"):
        st.caption("Another program or a failing disk has changed these rows of the database. They cannot be restored.")
        for run in runs[:MAX_ROWS]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(
                    "Delete …",
                    key=f"damaged_{run.key}",
                    on_click=dialogs.open_in_next_run,
                    args=(DIALOG, run.key),
                    help="Remove this row from the database, after a question.",
                )
                st.caption(escape_markdown(f"{run.name}: {run.problem}"))
        if len(runs) > MAX_ROWS:
            st.caption(f"And {len(runs) - MAX_ROWS} more: `regscope runs delete --damaged` deletes all of them.")
    subject = dialogs.dialog_subject(DIALOG)
    chosen = [run for run in runs if subject == (run.key,)]
    if chosen:
        delete_dialog(chosen[0])


@st.dialog("Delete this run?", on_dismiss=dialogs.close)
def delete_dialog(run: DamagedRun) -> None:
    """Show a confirmation before a run that cannot be read is removed from the disk."""
    st.write(escape_markdown(f"{run.name}: {run.problem}"))
    st.write("It cannot be restored.")
    left, right = st.columns(2)
    if left.button("Delete", key="delete_damaged", type="primary", width="stretch"):
        with _compat.uninterrupted():
            runs_page.delete_damaged(run.key)
            dialogs.close()
            st.rerun()
    if right.button("Cancel", key="cancel_damaged", width="stretch", on_click=dialogs.close, help="Close this dialog."):
        st.rerun()
