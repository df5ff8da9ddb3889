"""The page's address as far as it holds settings: taken when the page is opened, followed with every change.

It is read when a page is opened and when somebody goes back or forward in the browser, and only then: in between the
sidebar decides, and a browser that has not heard yet of the last change cannot undo it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.state.settings import links
from dashboard.state.settings.widgets import set_widgets
from engine import FieldError, RunConfig

_REFUSED = "refused"  # the parameters that could not be used, and why
_TOOK = "took"  # what the sidebar said when it was last written into the address


def says_any() -> bool:
    """Whether the address holds any setting."""
    return any(st.query_params.get_all(name) for name in links.NAMES)


def take() -> None:
    """Set the sidebar to what the address says; what cannot be used is kept for `refused`."""
    taken = links.read(_query())
    set_widgets(taken.config, taken.pace)
    st.session_state[_REFUSED] = dict(taken.refused)
    st.session_state[_TOOK] = links.texts_of(taken.config, taken.pace)


def refuse_unknown(offered: Mapping[str, Sequence[str]]) -> None:
    """Keep for `refused` what the address asks of the page and has none of: Streamlit leaves that out in silence.

    Args:
        offered: what there is, by parameter, of those that name a choice and no setting.
    """
    found = dict(refused())
    for name, known in offered.items():
        for said in st.query_params.get_all(name):
            if said not in known:
                found[name] = FieldError(name, f"must be one of {', '.join(known)}, got {said!r:.60}")
    st.session_state[_REFUSED] = found


def refused() -> Mapping[str, FieldError]:
    """The parameters of the address that could not be used, and why; what they decide is as in the default."""
    return dict(st.session_state.get(_REFUSED, {}))


def accept() -> None:
    """Let go of what was refused: the sidebar is right as it is."""
    st.session_state[_REFUSED] = {}


def follow(config: RunConfig, pace: float | None) -> None:
    """Write the sidebar's settings into the address.

    Where it says so already, in whatever words, it stays as it is: each change is a step back in the browser. What was
    refused stands there until its setting is changed, so that it can be read and mended.
    """
    now = links.texts_of(config, pace)
    took = st.session_state.get(_TOOK, now)
    st.session_state[_TOOK] = now
    kept = {name: error for name, error in refused().items() if name not in now or now[name] == took[name]}
    st.session_state[_REFUSED] = kept
    said = links.read(_query())
    if said.refused.keys() == kept.keys() & now.keys() and (said.config, said.pace) == (config, pace):
        return
    try:
        wanted = links.query_of(config, pace)
    except FieldError:
        return  # a run's data set may have a name that no link can carry
    changed: dict[str, Any] = {}
    for name in links.NAMES:
        there = st.query_params.get_all(name)
        if name in kept:
            continue
        if name in wanted and there != [wanted[name]]:
            changed[name] = wanted[name]
        elif name not in wanted and there:
            changed[name] = []  # taken away, and in the same step as the others: `del` would make one of its own
    if changed:
        st.query_params.update(changed)


def link(config: RunConfig, pace: float | None, layout: str, panels: tuple[str, ...]) -> str:
    """The whole address of these settings and this layout, without the run: it works on any machine.

    Args:
        config, pace: the settings. layout: one of the page's. panels: of the custom one, by title.

    Raises:
        FieldError: for a data set whose name is too long for a link.
    """
    query: dict[str, Any] = {**links.query_of(config, pace), "layout": layout}
    if panels:
        query["panels"] = list(panels)
    return links.address(st.context.url or "", query)


def _query() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in links.NAMES}
