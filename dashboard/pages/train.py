"""The train page: one run with its transport and its board."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.charts.panels.layouts import panels_of
from dashboard.live import orders
from dashboard.live.hub import the_hub
from dashboard.live.single_run import SingleRun, contents_of
from dashboard.live.watched import Watched
from dashboard.pages import export, fork, layout, live_board, messages
from dashboard.pages.pace import pace
from dashboard.sidebar.reading import Settings, read
from dashboard.state import board_layout, board_state, page_run
from dashboard.state.live_changes import live_fields
from dashboard.state.pages import fork_dialog
from dashboard.state.settings.page_settings import with_label
from engine import FieldError, RunConfig
from engine.config import SETTINGS
from engine.learning.checkpoint import CHANGEABLE
from engine.runs import states
from engine.runs.server.run import Run

PRIMARY_WIDTH = 96  # pixels, so that the bar does not move with its label. A tooltip would cover the metrics


def show(settings: Settings) -> None:
    """Draw the page."""
    run = page_run.run()
    watched = SingleRun(run) if run else None
    page_version = watched.page_version if watched else ""  # first: a later change makes the page again
    transport(run, watched, settings)
    messages.show(page_run.missing_run(), page_run.error(), partial(notices, run, settings.config))
    shown = board_layout.layout()
    live_board.show(
        board_state.TRAIN,
        watched,
        watched.contents(shown) if watched else contents_of(settings.config, shown),
        page_version=page_version,
        handlers={"order": partial(obey, watched), "fork": partial(ask, run), "layout": restore_layout},
    )
    if run is not None and (step := fork_dialog.step_of(run)) is not None:
        fork.dialog(run, step)


def transport(run: Run | None, watched: Watched | None, settings: Settings) -> None:
    """Show the transport bar. It has the same height in every state."""
    over = run is None or run.state in states.FINAL
    blocked = settings.problem is not None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transport"):
        primary(watched, settings)
        st.button(
            "Step",
            on_click=_step,
            args=(watched, "step"),
            disabled=over if run else blocked,
            help="Train on one mini-batch, then pause.",
        )
        st.button(
            "Step epoch",
            on_click=_step,
            args=(watched, "step_epoch"),
            disabled=over if run else blocked,
            help="Train to the end of the epoch, then pause.",
        )
        if run is None and page_run.undoable() is not None:
            st.button("Undo reset", on_click=page_run.undo_reset, help="Bring the run back, paused.")
        else:
            st.button(
                "Reset",
                on_click=page_run.reset,
                disabled=run is None,
                help="Clear the board for another run. It can be undone.",
            )
        pace([run] if run else ())
        if run is not None and run.state == states.STOPPED:
            st.button(
                "Go on", on_click=page_run.resume, args=(run,), help="Train this run on from where it was stopped."
            )
        if run is not None and run.state == states.INTERRUPTED:
            st.button(
                "Restart",
                icon=":material/restart_alt:",
                on_click=_start,
                disabled=blocked,
                help="Start a new run with the sidebar's settings; this one stays as it is.",
            )
        changed = changes(run.current_config, settings.config, live_fields(run)) if run else []
        if changed and not blocked and not over:
            st.button(
                "Restart",
                icon=":material/restart_alt:",
                on_click=_start,
                help=f"Start a new run with the sidebar's settings; this one ends. {', '.join(changed)}.",
            )
            what = "One change takes" if len(changed) == 1 else f"{len(changed)} changes take"
            st.caption(f"{what} a restart")
        layout.menu(settings)
        export.menu(run)


def primary(watched: Watched | None, settings: Settings) -> None:
    """Show the first button: Start, Pause or Resume."""
    if watched is None or watched.state in orders.ENDED:
        blocked = settings.problem is not None
        st.button("Start", key="start", type="primary", on_click=_start, disabled=blocked, width=PRIMARY_WIDTH)
        return
    label = orders.toggle_label(watched.state)
    order = label.lower()  # not "toggle": the state may change before a person presses the button
    st.button(label, key=order, type="primary", on_click=_order, args=(watched, order), width=PRIMARY_WIDTH)


def changes(before: RunConfig, after: RunConfig, live: Collection[str] = CHANGEABLE) -> list[str]:
    """Return the differences between two configs that need a restart, with the labels of the sidebar.

    Args:
        before, after: the configs.
        live: fields that can change while a run trains.
    """
    found = []
    for name, setting in SETTINGS.items():
        old, new = getattr(before, name), getattr(after, name)
        if name not in live and old != new:
            found.append(f"{setting.label} {setting.words(old)} → {setting.words(new)}")
    return found


def notices(run: Run | None, config: RunConfig) -> None:
    """Show notices about the layout and the run."""
    shown = board_layout.layout()
    if not panels_of(run.current_config if run else config, shown.name, shown.panels):
        which = (
            "None of the chosen panels applies to this run. Choose other panels"
            if shown.panels
            else "No panel is chosen. Choose panels"
        )
        st.info(f"{which} or another layout under View.", icon=":material/dashboard:")
    if run is not None and run.telemetry.refused:
        st.warning(
            escape_markdown(
                f"The change was refused and the run continues as before: {with_label(run.telemetry.refused)}"
            )
        )
    if run is not None and run.telemetry.unsaved:
        st.warning(escape_markdown(f"This run is not saved: {run.telemetry.unsaved}"))


def restore_layout(layout: Mapping[str, Any]) -> None:
    """Restore the layout that this browser has stored."""
    board_layout.choose_layout(**layout)


def ask(run: Run | None, step: int) -> None:
    """Open the dialog that forks a run at a step."""
    if run is not None:
        fork_dialog.open_next(run, step)


def obey(watched: Watched | None, order: str) -> None:
    """Give the run an order from a key; without a run, or after its end, start one."""
    if watched is None or watched.state in orders.ENDED:
        _start(None if order == "toggle" else order)
    else:
        _order(watched, order)


def _start(order: str | None = None) -> None:
    """Start a run with the settings of the sidebar."""
    settings = read()  # not those of the page: a field may have changed since it was built
    if settings.problem is None:
        page_run.start(settings.config, settings.pace, order)


def _step(watched: Watched | None, order: str) -> None:
    if watched is None:
        _start(order)
    else:
        _order(watched, order)


def _order(watched: Watched, order: str) -> None:
    """Give the run an order, and show why if it is refused."""
    page_run.refuse(None)
    try:
        watched.order(the_hub().manager, order)
    except FieldError as error:
        page_run.refuse(str(error))
