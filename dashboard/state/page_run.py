"""The run that a page shows, and the orders to it.

A page belongs to a run through its address, `?run=…`: that survives a reload.
"""

from __future__ import annotations

import re

import streamlit as st

from dashboard import _compat
from dashboard.live.hub import the_hub
from dashboard.state import navigation
from dashboard.state.settings import address
from dashboard.state.settings.widgets import set_widgets
from engine import FieldError, RunConfig
from engine.runs import states
from engine.runs.server.run import Run

RUN = "run"  # the query parameter
_UNDO = "undo"  # the id of the run that a reset has taken away
_LOST = "lost"  # what to say of a run in the address that this server does not know
_ERROR = "error"


def find(first: bool) -> None:
    """See that the run in the address is there; when a page is opened, take the settings of the run or the address.

    Args:
        first: whether this is the first script run of the page.
    """
    asked = st.query_params.get(RUN)
    found = the_hub().manager.get(asked)
    if asked and found is None:
        # what stands in an address may be anything: only what looks like a run's id is repeated
        name = asked if re.fullmatch("[0-9a-f]{16}", asked) else "in the address"
        st.session_state[_LOST] = (
            f"The run {name} is not kept on this machine: it was deleted, or trained on another. "
            + ("Its settings are in the address: press Start for another." if address.says_any() else "Press Start.")
            if first
            else f"The run {name} is no longer kept here: it was deleted. The settings are still here: press Start for "
            "another."
        )
        del st.query_params[RUN]
    if first or _compat.went_back_or_forward():
        if found:
            set_widgets(found.current_config, found.pace)
            address.accept()
        else:
            address.take()


def run() -> Run | None:
    """The run that this page shows."""
    return the_hub().manager.get(st.query_params.get(RUN))


def start(config: RunConfig, pace: float | None, steps: str | None = None) -> None:
    """Start a run and make it this page's, in the place of the one before; a refusal is kept for `error`."""
    try:
        started = the_hub().manager.start(config, pace, steps, replaces=run())
    except FieldError as error:
        st.session_state[_ERROR] = str(error)
        return
    gone = undoable()  # the last reset can no longer be undone: its worker need not wait for it
    if gone and gone is not started and gone.state not in states.FINAL and not gone.watchers:
        the_hub().manager.stop(gone)
    for name in (_ERROR, _LOST, _UNDO):
        st.session_state.pop(name, None)
    address.accept()
    st.query_params[RUN] = started.id


def open_kept(run_id: str) -> bool:
    """Open a stored run on this page and put its settings into the sidebar; return False if it does not exist."""
    found = the_hub().manager.get(run_id)
    if found is None:
        return False
    st.query_params[RUN] = found.id
    set_widgets(found.current_config, found.pace)
    address.accept()
    return True


def go_on(run: Run) -> None:
    """Let a run that was interrupted or stopped train on; a refusal is kept for `error`."""
    try:
        the_hub().manager.resume(run)
        st.session_state.pop(_ERROR, None)
    except FieldError as error:
        st.session_state[_ERROR] = str(error)


def reset() -> None:
    """Take the run off the page. It is kept, paused, so that the reset can be undone."""
    current = run()
    if current is None:
        return
    the_hub().manager.pause(current)
    st.session_state[_UNDO] = current.id
    del st.query_params[RUN]


def undo_reset() -> None:
    """Bring the run back that the last reset took away, and its settings with it."""
    found = undoable()
    st.session_state.pop(_UNDO, None)
    if found is not None:
        st.query_params[RUN] = found.id
        set_widgets(found.current_config, found.pace)
        address.accept()


def undoable() -> Run | None:
    """The run that `undo_reset` would bring back."""
    return the_hub().manager.get(st.session_state.get(_UNDO))


def lost_run() -> str | None:
    """What has become of the run in the address, when this server does not know it."""
    return st.session_state.get(_LOST)


def error() -> str | None:
    """Why the last start was refused."""
    return st.session_state.get(_ERROR)


def refuse(message: str | None) -> None:
    """Keep for `error` why something was refused; None removes the last message."""
    st.session_state[_ERROR] = message


def open_run() -> Run | None:
    """The run that this page shows, while it is not over: the sidebar then says what of it can be moved."""
    on_train = navigation.view() == navigation.TRAIN  # on another page the sidebar says what is started there
    current = run() if on_train else None
    return None if current is None or current.state in states.FINAL or current.stopping else current
