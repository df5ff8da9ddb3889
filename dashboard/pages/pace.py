"""The pace control in the transport: mini-batches per second."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.live.hub import get_hub
from dashboard.state.settings import page_settings, widgets
from engine.runs.server.run import Run


def pace_control(runs: Sequence[Run]) -> None:
    """Show the control that sets the pace of these runs and of runs started later."""
    with st.container(key="pace_unit", width="content"):
        st.caption("mini-batches  \nper second")
    st.segmented_control(
        "Mini-batches per second",
        list(page_settings.PACES),
        **widgets.widget_arguments("pace"),
        format_func=lambda pace: pace.removesuffix("/s"),
        required=True,
        label_visibility="collapsed",
        on_change=_set_pace,
        args=(runs,),
    )


def _set_pace(runs: Sequence[Run]) -> None:
    for run in runs:
        get_hub().manager.set_pace(run, widgets.selected_pace())
