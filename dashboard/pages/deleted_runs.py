"""The deleted runs on the page Runs, to restore them or to delete them for good."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import _compat
from dashboard.charts.escaping import escape_markdown
from dashboard.state import dialogs
from dashboard.state.pages import runs_page
from engine.analysis.regularizers import regularizer_text
from engine.data import dataset_title
from engine.runs.names import display_name
from engine.runs.store.record import About

MAX_ROWS = 20
FOR_GOOD_DIALOG = "for_good"  # key of the dialog


def show(runs: Sequence[About]) -> None:
    """Name the deleted runs. Show nothing if there are none."""
    if not runs:
        return
    with st.expander(f"Deleted, for a day ({len(runs)})"):
        st.button(
            "Delete all for good …",
            key="empty_deleted",
            icon=":material/delete_forever:",
            on_click=_ask,
            args=(runs,),
            help="Remove all deleted runs from the disk now, and give their space back.",
        )
        for about in runs[:MAX_ROWS]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button("Restore", key=f"restore_{about.id}", on_click=runs_page.restore, args=([about],))
                st.button("Delete for good …", key=f"for_good_{about.id}", on_click=_ask, args=([about],))
                st.caption(_description(about))
        if len(runs) > MAX_ROWS:
            st.caption(f"And {len(runs) - MAX_ROWS} more: `regscope runs restore ID` restores each of them.")
    subject = dialogs.dialog_subject(FOR_GOOD_DIALOG)
    chosen = [about for about in runs if subject is not None and about.id in subject]
    if chosen:
        for_good_dialog(chosen)


def _ask(runs: Sequence[About]) -> None:
    dialogs.open_in_next_run(FOR_GOOD_DIALOG, *(about.id for about in runs))


@st.dialog("Delete for good?", on_dismiss=dialogs.close)
def for_good_dialog(runs: Sequence[About]) -> None:
    """Show a confirmation before deleted runs are removed from the disk."""
    if len(runs) == 1:
        st.write(f"{_description(runs[0])}.")
    else:
        st.write(f"{len(runs)} runs.")
    st.write("They cannot be restored." if len(runs) > 1 else "It cannot be restored.")
    left, right = st.columns(2)
    if left.button("Delete for good", key="delete_for_good", type="primary", width="stretch"):
        with _compat.uninterrupted():
            if runs_page.delete_for_good([about.id for about in runs]):
                dialogs.close()
                st.rerun()
        for message in runs_page.errors():
            st.error(escape_markdown(message))
    if right.button("Cancel", width="stretch", on_click=dialogs.close, help="Close this dialog."):
        st.rerun()


def _description(about: About) -> str:
    """Return the name of a run, and what was run if the user has named it."""
    if not about.name:
        return escape_markdown(display_name(about))
    config = about.initial_config
    return escape_markdown(f"{about.name}: {regularizer_text(config)}, {dataset_title(config.dataset, short=True)}")
