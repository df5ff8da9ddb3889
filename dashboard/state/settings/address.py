"""The settings in the address of the page.

The address is read when a page is opened and after the browser's back or forward button. Every change in the sidebar is
written to it. An address that is older than the last change therefore cannot revert this change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import streamlit as st

from dashboard.state.settings import links, parameters
from dashboard.state.settings.widgets import set_widgets
from engine import FieldError, RunConfig

_REFUSED = "refused"  # the errors of the refused parameters, by name
_WRITTEN = "written"  # the texts of all settings when the address was last written


def has_settings() -> bool:
    """Return whether the address contains a setting."""
    return any(parameters.texts(name) for name in links.NAMES)


def is_written() -> bool:
    """Return whether the address has the settings that were last written to it."""
    parsed = links.parse_link(_link_parameters())
    return not parsed.refused and links.parameter_texts(parsed.config, parsed.pace) == st.session_state.get(_WRITTEN)


def apply_to_sidebar() -> None:
    """Set the sidebar from the address. `refused_parameters` returns the parameters that cannot be used."""
    parsed = links.parse_link(_link_parameters())
    set_widgets(parsed.config, parsed.pace)
    st.session_state[_REFUSED] = dict(parsed.refused)
    st.session_state[_WRITTEN] = links.parameter_texts(parsed.config, parsed.pace)


def refuse_unknown(query_choices: Mapping[str, Sequence[str]]) -> None:
    """Refuse unknown names of a page, part, layout or panel in the address, which Streamlit ignores silently.

    Args:
        query_choices: the valid values of the query parameters that are not settings, by parameter.
    """
    errors = dict(refused_parameters())
    for name, choices in query_choices.items():
        for text in st.query_params.get_all(name):
            if text not in choices:
                errors[name] = FieldError(name, f"must be one of {', '.join(choices)}, got {text!r:.60}")
    st.session_state[_REFUSED] = errors


def refused_parameters() -> Mapping[str, FieldError]:
    """Return the errors of the refused parameters, by name; their settings have the defaults."""
    return dict(st.session_state.get(_REFUSED, {}))


def clear_refused() -> None:
    """Clear the refused parameters, so that `update` removes them from the address."""
    st.session_state[_REFUSED] = {}


def update(config: RunConfig, pace: float | None) -> None:
    """Write the sidebar's settings into the address.

    An address that already has these settings is not changed, because every change adds an entry to the browser
    history. A refused parameter remains until its setting changes, so that the user can read and correct it.
    """
    texts = links.parameter_texts(config, pace)
    previous_texts = st.session_state.get(_WRITTEN, texts)
    st.session_state[_WRITTEN] = texts
    still_refused = {
        name: error
        for name, error in refused_parameters().items()
        if name not in texts or texts[name] == previous_texts[name]
    }
    st.session_state[_REFUSED] = still_refused
    parsed = links.parse_link(_link_parameters())
    if parsed.refused.keys() == still_refused.keys() & texts.keys() and (parsed.config, parsed.pace) == (config, pace):
        return
    changed = {name: text for name, text in changed_parameters(config, pace).items() if name not in still_refused}
    if changed:
        parameters.write(changed)


def changed_parameters(config: RunConfig, pace: float | None) -> dict[str, Any]:
    """Return the query parameters that differ from the address for these settings; an empty list removes one.

    All of them are written together, because each change of the address adds an entry to the history of the browser.
    """
    try:
        query = links.link_parameters(config, pace)
    except FieldError:
        return {}  # the name of a run's data set may be too long for a link
    changed: dict[str, Any] = {}
    for name in links.NAMES:
        in_address = parameters.texts(name)
        if name in query and in_address != [query[name]]:
            changed[name] = query[name]
        elif name not in query and in_address:
            changed[name] = []
    return changed


def link_to(
    config: RunConfig,
    pace: float | None,
    layout: str,
    panels: tuple[str, ...],
    others: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return a link to settings and a layout; it contains no run, so it works on any machine.

    Args:
        config, pace: the settings.
        layout: the name of a layout.
        panels: the titles of the panels of the custom layout.
        others: further query parameters.

    Raises:
        FieldError: for a data set whose name is too long for a link.
    """
    query: dict[str, Any] = {**links.link_parameters(config, pace), "layout": layout, **others}
    if panels:
        query["panels"] = list(panels)
    return links.page_address(st.context.url or "", query)


def _link_parameters() -> dict[str, list[str]]:
    return {name: parameters.texts(name) for name in links.NAMES}
