"""What a page remembers of a fork that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.live.hub import the_hub
from dashboard.state import dialogs
from engine.errors import FieldError
from engine.runs.server.run import Run

DIALOG = "fork"
_REFUSED = "fork.refused"


def ask(run: Run, step: int) -> None:
    """Open the dialog with the next script run."""
    dialogs.ask(DIALOG, run.id, step)
    st.session_state.pop(_REFUSED, None)


def asked(run: Run | None) -> int | None:
    """The step of this run that was asked for, as long as the dialog is open."""
    run_id, step = dialogs.asked(DIALOG) or (None, None)
    return step if run is not None and run.id == run_id else None


def start(run: Run, step: int, futures: Mapping[str, Mapping[str, Any]], epochs: int) -> list[Run]:
    """Start forks, each named by its future; none where they are refused, and `refused` then says why."""
    try:
        return the_hub().manager.fork(run, step, list(futures.values()), epochs, list(futures))
    except FieldError as error:
        st.session_state[_REFUSED] = str(error)
        return []


def refused() -> str | None:
    """Why the forks of this dialog were refused."""
    return st.session_state.get(_REFUSED)
