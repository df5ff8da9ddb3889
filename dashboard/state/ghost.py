"""The ghost of the page Train: the run in grey behind the curves, by the choice of the user."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from dashboard.live.hub import get_hub
from dashboard.live.run_with_ghost import CHOICES, NO_GHOST, PINNED, PREVIOUS, WITHOUT, RunWithGhost, default_choice
from dashboard.live.single_run import SingleRun
from dashboard.state.settings import parameters
from engine import RunConfig
from engine.analysis.regularizers import is_regularized, without_regularizers
from engine.runs.server.run import Run

_BEFORE = "ghost.before"  # the choice that `toggle` returns to
_PREVIOUS_RUN = "run.previous"  # the id of the run that the page showed before


def choice() -> str:
    """Return the choice of the user, one of `CHOICES`."""
    chosen = parameters.text(parameters.GHOST)
    return chosen if chosen in CHOICES else default_choice()


def choose(chosen: str, other_parameters: Mapping[str, str] = MappingProxyType({})) -> None:
    """Choose the ghost; allowed only in a callback.

    Args:
        chosen: one of `CHOICES`. other_parameters: to write into the address with it.
    """
    parameters.write({parameters.GHOST: [] if chosen == default_choice() else chosen, **other_parameters})


def choice_in_link() -> dict[str, str]:
    """Return the query parameter of the choice for a link; nothing for the default and for runs of this machine."""
    chosen = choice()
    return {parameters.GHOST: chosen} if chosen in (WITHOUT, NO_GHOST) and chosen != default_choice() else {}


def toggle() -> None:
    """Hide the ghost, or show the one that was hidden."""
    if choice() == NO_GHOST:
        choose(st.session_state.get(_BEFORE, WITHOUT))
    else:
        st.session_state[_BEFORE] = choice()
        choose(NO_GHOST)


def config_beside(config: RunConfig) -> RunConfig | None:
    """Return the config of the run that trains beside a new run; None for no such run, or if it would be equal."""
    return without_regularizers(config) if choice() == WITHOUT and is_regularized(config) else None


def remember_previous(run: Run) -> None:
    """Remember the run that the page has shown."""
    st.session_state[_PREVIOUS_RUN] = run.id


def pin(run: Run) -> None:
    """Make a run the ghost of all later runs of this page."""
    choose(PINNED, {parameters.PINNED_RUN: run.id})


def train_beside(run: Run) -> None:
    """Train the run without its regularizers at full speed, for a run that started without it.

    Raises:
        FieldError: if it needs too much memory, or too many runs are open.
    """
    get_hub().manager.add_ghost(run, without_regularizers(run.initial_config))


def watched_run(run: Run) -> SingleRun:
    """Return a run for the board, with its ghost if there is one."""
    ghost = _ghost_of(run)
    return SingleRun(run) if ghost is None or ghost.id == run.id else RunWithGhost(run, ghost, choice())


def _ghost_of(run: Run) -> Run | None:
    get_run = get_hub().manager.get
    if choice() == WITHOUT:
        return run.ghost
    ids = {PREVIOUS: st.session_state.get(_PREVIOUS_RUN), PINNED: parameters.text(parameters.PINNED_RUN)}
    return get_run(ids.get(choice()))
