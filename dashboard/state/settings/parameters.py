"""The query parameters that only the program writes: the page, its runs and the settings.

Every request of the browser contains the address that it had then. While a change of the address is on its way to the
browser, the board may cause another script run, whose request still has the old address: a run that was just reset
would be shown again. The parameters are therefore stored in the session, and the address is read only where it is news:
in the first script run, and after the back or forward button of the browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import _compat
from dashboard.state.settings import links, race_links

PAGE, RUN, RUNS, GHOST, PINNED_RUN = "view", "run", "runs", "ghost", "pin"
NAMES = (PAGE, RUN, RUNS, GHOST, PINNED_RUN, *race_links.PARAMETERS, *links.NAMES)

_STORED = "parameters"  # the texts of each parameter, by name


def read_address(is_first: bool) -> None:
    """Store the parameters of the address if it is news; otherwise restore them in an address that may be older.

    Call it at the start of every script run.

    Args:
        is_first: whether this is the first script run of the page.
    """
    if is_first or _compat.went_back_or_forward():
        st.session_state[_STORED] = _in_address()
    else:
        _restore()


def texts(name: str) -> list[str]:
    """Return all texts of a parameter; an empty list if it is missing."""
    stored: Mapping[str, list[str]] = st.session_state.get(_STORED) or _in_address()
    return list(stored[name])


def text(name: str) -> str | None:
    """Return the last text of a parameter; None if it is missing."""
    all_texts = texts(name)
    return all_texts[-1] if all_texts else None


def write(parameters: Mapping[str, Any]) -> None:
    """Write parameters into the address, as one entry in the history of the browser.

    Args:
        parameters: texts or lists of texts by name; an empty list removes a parameter. Those that are not in `NAMES`
            are written, too.
    """
    if not parameters:
        return
    _restore()
    st.query_params.update(parameters)
    st.session_state[_STORED] = {name: st.query_params.get_all(name) for name in NAMES}


def _in_address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in NAMES}


def _restore() -> None:
    stored: Mapping[str, list[str]] = st.session_state.get(_STORED) or {}
    for name, stored_texts in stored.items():
        if st.query_params.get_all(name) == stored_texts or _compat.set_parameter_without_message(name, stored_texts):
            continue
        st.query_params.update({name: stored_texts})  # one more entry in the history of the browser
