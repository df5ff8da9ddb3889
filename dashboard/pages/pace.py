"""The pace in the transport: mini-batches a second."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.live.hub import the_hub
from dashboard.state.settings import page_settings, widgets
from engine.runs.server.run import Run


def pace(runs: Sequence[Run]) -> None:
    """The pace of these runs, and of those that are started next."""
    with st.container(key="pace_unit", width="content"):
        st.caption("mini-batches  \nper second")
    st.segmented_control(
        "Mini-batches per second",
        list(page_settings.PACES),
        **widgets.persistent("pace"),
        format_func=lambda pace: pace.removesuffix("/s"),
        required=True,
        label_visibility="collapsed",
        on_change=_set,
        args=(runs,),
    )


def _set(runs: Sequence[Run]) -> None:
    for run in runs:
        the_hub().manager.set_pace(run, widgets.pace())
