"""The start of every script run of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.state import board_layout, navigation, own_data, page_run
from dashboard.state.settings import address, parameters

_STARTED = "started"


def start_script_run(query_choices: Mapping[str, Sequence[str]]) -> None:
    """Apply changes that the last script run has postponed; in the first script run, read the address.

    Args:
        query_choices: the valid values of the query parameters that are not settings, by parameter.
    """
    own_data.apply()
    board_layout.apply()
    is_first = _STARTED not in st.session_state
    parameters.read_address(is_first)
    navigation.apply(query_choices[navigation.PAGE_PARAMETER], is_first)
    if is_first:
        st.session_state[_STARTED] = True
        board_layout.read_address()
    page_run.read_address(is_first)
    if is_first:
        address.refuse_unknown(query_choices)
