"""The state of the fork dialog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.live.hub import get_hub
from dashboard.state import dialogs
from engine.errors import FieldError
from engine.runs.server.run import Run

DIALOG = "fork"
_REFUSED = "fork.refused"


def open_in_next_run(run: Run, step: int) -> None:
    """Open the dialog in the next script run, for a fork of a run at a step."""
    dialogs.open_in_next_run(DIALOG, run.id, step)
    st.session_state.pop(_REFUSED, None)


def fork_step(run: Run | None) -> int | None:
    """Return the step of the fork, or None if the dialog is not open for this run."""
    run_id, step = dialogs.dialog_subject(DIALOG) or (None, None)
    return step if run is not None and run.id == run_id else None


def start_forks(run: Run, step: int, futures: Mapping[str, Mapping[str, Any]], epochs: int) -> list[Run]:
    """Start a fork for each future.

    Returns:
        the forks; empty if a fork is refused, and `fork_error` returns the reason.
    """
    try:
        return get_hub().manager.fork(run, step, list(futures.values()), epochs, list(futures))
    except FieldError as error:
        st.session_state[_REFUSED] = str(error)
        return []


def fork_error() -> str | None:
    """Return why the forks were refused, or None."""
    return st.session_state.get(_REFUSED)
