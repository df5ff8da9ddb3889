"""The current page. Every change of the page is one entry in the history of the browser.

Streamlit replaces the address when a widget that is bound to a query parameter changes. It adds an entry to the history
when the program writes the address. The switch between the pages is therefore not bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import _compat
from dashboard.state.settings import parameters

PAGE_PARAMETER = parameters.PAGE  # key of the name of the page in session state, and the query parameter
SWITCH = "page.switch"  # first part of the key of the switch between the pages
TRAIN_PAGE = "train"  # the default page

_NEXT = "page.next"  # the page to show with the next script run
_PARAMETERS = "page.parameters"  # the query parameters of the bound widgets of each page, by page


def current_page() -> str:
    """Return the name of the current page, which the address gives in the first script run."""
    return str(st.session_state.get(PAGE_PARAMETER) or _page_in_address())


def switch_to(name: str) -> None:
    """Show the page that was chosen in the switch; allowed only in a callback."""
    st.session_state[PAGE_PARAMETER] = name


def go_to(name: str, changes: Mapping[str, Any] | None = None) -> None:
    """Show a page from the next script run on, because this one has started with another.

    Args:
        name: the page.
        changes: query parameters that change together with the page, in the same entry of the history; an empty list
            removes a parameter.
    """
    st.session_state[_NEXT] = name
    _write(name, changes or {})


def apply(page_names: Sequence[str], is_first: bool) -> None:
    """Choose the page of the last `go_to` or of the address; call this before the switch is drawn.

    Args:
        page_names: the names of all pages.
        is_first: whether this is the first script run of the page.
    """
    if name := st.session_state.pop(_NEXT, None):
        st.session_state[PAGE_PARAMETER] = name
    elif is_first or _compat.went_back_or_forward():
        name = _page_in_address()
        st.session_state[PAGE_PARAMETER] = name if name in page_names else TRAIN_PAGE


def write_address() -> None:
    """Write the page of the switch into the address, if it is another one."""
    if _page_in_address() != current_page():
        _write(current_page(), {})
    elif not _compat.went_back_or_forward():
        _parameters_by_page()[current_page()] = _compat.bound_parameters()


def _page_in_address() -> str:
    return parameters.text(PAGE_PARAMETER) or TRAIN_PAGE


def _parameters_by_page() -> dict[str, Mapping[str, list[str]]]:
    stored: dict[str, Mapping[str, list[str]]] = st.session_state.setdefault(_PARAMETERS, {})
    return stored


def _write(name: str, changes: Mapping[str, Any]) -> None:
    """Write a page and parameters into the address, as one entry in the history of the browser.

    The parameters of the widgets that are on the old page only are exchanged for those of the new page in the same
    entry. Streamlit would do it in a second one, and the back button would seem to have no effect.
    """
    old_name = _page_in_address()
    if name != old_name:
        _parameters_by_page()[old_name] = _compat.release_bound_parameters()
        page = [] if name == TRAIN_PAGE else name
        changes = {PAGE_PARAMETER: page, **_parameters_by_page().get(name, {}), **changes}
    parameters.write(changes)
