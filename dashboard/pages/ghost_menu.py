"""The menu of the ghost: which run stands in grey behind the curves."""

from __future__ import annotations

import streamlit as st

from dashboard.live.run_with_ghost import CHOICES, GHOST_KINDS, PINNED, PREVIOUS, WITHOUT
from dashboard.state import ghost, page_run
from dashboard.state.changing_keys import key_of, pass_choice
from engine import FieldError
from engine.analysis.regularizers import is_regularized
from engine.runs.server.control import has_usable_ghost
from engine.runs.server.run import Run


def ghost_menu(run: Run | None) -> None:
    """Show the button Grey run and its menu."""
    key = key_of("ghost.choice", ghost.choice())
    with st.popover(
        "Grey run",
        help="Another run in grey behind the curves, to compare with: the same without a regularizer, for instance.",
    ):
        st.radio(
            "In grey behind the curves",
            CHOICES,
            index=CHOICES.index(ghost.choice()),
            captions=[_caption(choice) for choice in CHOICES],
            key=key,
            on_change=pass_choice,
            args=(key, ghost.choose),
            help="The same run without a regularizer trains beside yours: with the same initial weights, the same "
            "examples in the same order. The key g hides and shows the grey run.",
        )
        if run is None:
            return
        if note := _note(run):
            st.caption(note)
        if ghost.choice() == WITHOUT and not has_usable_ghost(run) and _has_regularizer(run):
            st.button(
                "Train it now",
                on_click=_train_beside,
                args=(run,),
                help="Train the same run without a regularizer, at full speed, with the settings at its start.",
            )
        st.button(
            "Pin this run",
            on_click=ghost.pin,
            args=(run,),
            help="Show this run in grey behind all runs that you start next.",
        )


def _caption(choice: str) -> str:
    return GHOST_KINDS[choice].caption if choice in GHOST_KINDS else "Only the curves of your run."


def _note(run: Run) -> str:
    """Return why there is no ghost, "" if there is one or the user has chosen none."""
    choice = ghost.choice()
    if choice == WITHOUT and not has_usable_ghost(run):
        if not _has_regularizer(run):
            return "This run has no regularizer: there is nothing to leave out."
        return "It was stopped." if run.ghost else "This run started without it."
    if choice in (PREVIOUS, PINNED) and len(ghost.watched_run(run).runs) == 1:
        if choice == PINNED:
            return "No other run is pinned: press Pin this run, then start another one."
        return "There is no other run yet: this one appears behind the next."
    return ""


def _has_regularizer(run: Run) -> bool:
    """Return whether a run has a regularizer, or had one at its start."""
    return is_regularized(run.initial_config) or is_regularized(run.current_config)


def _train_beside(run: Run) -> None:
    try:
        ghost.train_beside(run)
    except FieldError as error:
        page_run.set_error(str(error))
