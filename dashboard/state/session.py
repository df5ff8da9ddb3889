"""The start of every script run of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.state import board_layout, navigation, own_data, page_run
from dashboard.state.settings import address

_STARTED = "started"


def begin(offered: Mapping[str, Sequence[str]]) -> None:
    """Apply what the last script run left for this one; in the first script run, read the address.

    Args:
        offered: the choices of the query parameters that are not settings, by parameter.
    """
    own_data.apply()
    board_layout.apply()
    navigation.apply()
    first = _STARTED not in st.session_state
    if first:
        st.session_state[_STARTED] = True
        board_layout.read_address()
    page_run.read_address(first)
    if first:
        address.refuse_unknown(offered)
