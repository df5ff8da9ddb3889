"""What every script run of a page begins with, and what its board has said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.state import board_layout, navigation, own_data, page_run
from dashboard.state.settings import address


def begin(offered: Mapping[str, Sequence[str]]) -> None:
    """At the start of every script run: see that its run is there; at the first of a page, take its settings.

    Args:
        offered: the choices that an address can name beside the settings, by parameter.
    """
    own_data.apply()
    board_layout.apply()
    navigation.apply()
    first = "begun" not in st.session_state
    if first:
        st.session_state["begun"] = True
        board_layout.take_address()
    page_run.find(first)
    if first:
        address.refuse_unknown(offered)
