"""The run of the page Train, and commands to it.

The address contains its id, `?run=…`, so a reloaded page shows the same run.
"""

from __future__ import annotations

import re

import streamlit as st

from dashboard import _compat
from dashboard.live.hub import get_hub
from dashboard.state import ghost, navigation
from dashboard.state.settings import address, parameters
from dashboard.state.settings.page_settings import PACES
from dashboard.state.settings.widgets import selected_pace, set_widgets
from engine import FieldError, RunConfig
from engine.runs import states
from engine.runs.server.control import with_ghost
from engine.runs.server.run import Run

RUN = parameters.RUN  # the query parameter

_UNDO = "undo"  # the id of the run that `undo_reset` shows again
_MISSING = "run.missing"
_ERROR = "error"
_SEEN = "run.seen"  # the id of the run in the address at the last script run


def read_address(is_first: bool) -> None:
    """Check that the run in the address exists, and set the sidebar from the run or the address.

    The sidebar is set in the first script run of a page and after the browser's back or forward button.

    Args:
        is_first: whether this is the first script run of the page.
    """
    run_id = parameters.text(RUN)
    run = get_hub().manager.get(run_id)
    if run_id and run is None:
        # an address may contain any text: show it only if it has the form of an id
        name = run_id if re.fullmatch("[0-9a-f]{16}", run_id) else "in the address"
        st.session_state[_MISSING] = (
            f"The run {name} is not stored on this machine: it was deleted, or trained on another one. "
            + (
                "Its settings are in the address: press Start to train another run."
                if address.has_settings()
                else "Press Start."
            )
            if is_first
            else f"The run {name} is no longer stored here: it was deleted. The sidebar still has its settings: press "
            "Start to train another run."
        )
        parameters.write({RUN: []})
    is_same_run = st.session_state.get(_SEEN) == parameters.text(RUN)
    st.session_state[_SEEN] = parameters.text(RUN)
    # the sidebar keeps changes that wait for a restart if the user has only gone back to another page
    is_other_entry = _compat.went_back_or_forward() and not (is_same_run and address.is_written())
    if is_first or is_other_entry:
        if run:
            set_widgets(run.current_config, run.pace)
            address.clear_refused()
        else:
            address.apply_to_sidebar()


def current_run() -> Run | None:
    """Return the run of this page."""
    return get_hub().manager.get(parameters.text(RUN))


def current_run_in_memory() -> Run | None:
    """Return the run of this page if it is in memory; never read the disk."""
    return get_hub().manager.get_from_memory(parameters.text(RUN) or "")


def start(config: RunConfig, pace: float | None, steps: str | None = None) -> None:
    """Start a run, which replaces the current one on this page. If it cannot start, `error` returns the reason."""
    previous = current_run()
    try:
        beside = ghost.config_beside(config)
        new_run = get_hub().manager.start(config, pace, steps, replaces=previous, ghost=beside)
    except FieldError as error:
        st.session_state[_ERROR] = str(error)
        return
    if previous is not None:
        ghost.remember_previous(previous)
    removed_run = undoable_run()  # the last reset can no longer be undone, so its run need not stay paused
    if (
        removed_run
        and removed_run is not new_run
        and any(each.state not in states.FINAL for each in with_ghost(removed_run))
        and not removed_run.watchers
    ):
        get_hub().manager.stop(removed_run)
    for name in (_ERROR, _MISSING, _UNDO):
        st.session_state.pop(name, None)
    address.clear_refused()
    parameters.write({RUN: new_run.id})


def open_stored(run_id: str) -> bool:
    """Show a stored run and set the sidebar to its settings; return False if it does not exist."""
    run = get_hub().manager.get(run_id)
    if run is None:
        return False
    _show_run(run)
    return True


def resume(run: Run) -> None:
    """Resume a run that was interrupted or stopped. If it cannot be resumed, `error` returns the reason."""
    try:
        if run.pace not in PACES.values():
            get_hub().manager.set_pace(run, selected_pace())  # so that the page shows the pace of the run
        get_hub().manager.resume(run)
        st.session_state.pop(_ERROR, None)
    except FieldError as error:
        st.session_state[_ERROR] = str(error)


def reset() -> None:
    """Remove the run from the page; it remains paused, so that the reset can be undone."""
    current = current_run()
    if current is None:
        return
    get_hub().manager.pause(current)
    ghost.remember_previous(current)
    st.session_state[_UNDO] = current.id
    parameters.write({RUN: []})


def undo_reset() -> None:
    """Show the run that the last reset removed, with its settings."""
    run = undoable_run()
    st.session_state.pop(_UNDO, None)
    if run is not None:
        _show_run(run)


def undoable_run() -> Run | None:
    """Return the run that `undo_reset` would show; None if there is none."""
    return get_hub().manager.get(st.session_state.get(_UNDO))


def missing_run() -> str | None:
    """Return a message if the run in the address does not exist on this server, else None."""
    return st.session_state.get(_MISSING)


def error() -> str | None:
    """Return why the last command was refused, or None."""
    return st.session_state.get(_ERROR)


def set_error(message: str | None) -> None:
    """Set the message that `error` returns; None for no message."""
    st.session_state[_ERROR] = message


def open_run() -> Run | None:
    """Return the run that the sidebar can change: the run of the page Train, unless it has ended; else None."""
    current = current_run() if navigation.current_page() == navigation.TRAIN_PAGE else None
    return None if current is None or current.state in states.FINAL or current.stopping else current


def _show_run(run: Run) -> None:
    """Show a run on the page Train, with its settings in the sidebar."""
    if (previous := current_run()) is not None and previous is not run:
        ghost.remember_previous(previous)
    set_widgets(run.current_config, run.pace)
    address.clear_refused()
    navigation.go_to(navigation.TRAIN_PAGE, {RUN: run.id, **address.changed_parameters(run.current_config, run.pace)})
