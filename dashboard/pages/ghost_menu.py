"""The menu of the ghost: which run stands in grey behind the curves."""

from __future__ import annotations

import streamlit as st

from dashboard.live.run_with_ghost import CHOICES, GHOST_KINDS, PINNED, PREVIOUS, WITHOUT
from dashboard.state import ghost, page_run
from engine import FieldError
from engine.analysis.regularizers import is_regularized
from engine.runs.server.run import Run


def ghost_menu(run: Run | None) -> None:
    """Show the button Grey run and its menu."""
    with st.popover(
        "Grey run",
        icon=":material/stacked_line_chart:",
        help="Another run in grey behind the curves, to compare with: the same without a regularizer, for instance.",
    ):
        st.radio(
            "In grey behind the curves",
            CHOICES,
            index=CHOICES.index(ghost.choice()),
            captions=[_caption(choice) for choice in CHOICES],
            key=ghost.widget_key(),
            on_change=ghost.take_choice_of_widget,
            help="The same run without a regularizer trains beside yours: with the same initial weights, the same "
            "examples in the same order. The key g hides and shows the grey run.",
        )
        if run is None:
            return
        if note := _note(run):
            st.caption(note)
        if ghost.choice() == WITHOUT and run.ghost is None and is_regularized(run.initial_config):
            st.button(
                "Train it now",
                on_click=_train_beside,
                args=(run,),
                help="Train the same run without a regularizer, at full speed.",
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
    if ghost.choice() == WITHOUT and run.ghost is None:
        if not is_regularized(run.initial_config):
            return "This run has no regularizer: there is nothing to leave out."
        return "This run started without it."
    if ghost.choice() in (PREVIOUS, PINNED) and len(ghost.watched_run(run).runs) == 1:
        return "There is no other run yet: it appears behind the next one."
    return ""


def _train_beside(run: Run) -> None:
    try:
        ghost.train_beside(run)
    except FieldError as error:
        page_run.set_error(str(error))
