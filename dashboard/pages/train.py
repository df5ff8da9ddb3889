"""The train page: one run, with buttons to control it and a board."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.charts.panels.layouts import panels_of
from dashboard.live import orders
from dashboard.live.hub import get_hub
from dashboard.live.single_run import SingleRun, single_run_contents
from dashboard.live.watched import Watched
from dashboard.pages import export, fork, ghost_menu, layout, links, live_board, messages
from dashboard.pages.pace import pace_control
from dashboard.sidebar import page_commands
from dashboard.sidebar.reading import Settings, read_settings
from dashboard.state import board_layout, board_state, ghost, page_run
from dashboard.state.live_changes import live_fields
from dashboard.state.pages import fork_dialog
from dashboard.state.settings import steering
from dashboard.state.settings.page_settings import with_label
from engine import FieldError, RunConfig
from engine.config import SETTINGS
from engine.learning.checkpoint import CHANGEABLE_FIELDS
from engine.runs import states
from engine.runs.server.run import Run

FIRST_BUTTON_WIDTH = 96  # pixels; a fixed width, so that a change of the label does not move the other buttons


def show(settings: Settings) -> None:
    """Draw the page."""
    run = page_run.current_run()
    watched = ghost.watched_run(run) if run else None
    page_version = watched.page_version if watched else ""  # read first, so that any later change reruns the page
    transport(run, watched, settings)
    messages.show(page_run.missing_run(), page_run.error(), partial(notices, run, settings.config))
    messages.pointer(settings if run is None else None)
    layout_on_page = board_layout.current_layout()
    contents = watched.contents(layout_on_page) if watched else single_run_contents(settings.config, layout_on_page)
    live_board.show(
        board_state.TRAIN,
        watched,
        replace(
            contents,
            sentence=contents.sentence if watched or settings.problem is None else "",  # of other settings
            badge=changed_badge(watched.run, settings) if watched else "",
            problem=settings.problem or page_run.error() or "",
            steering=steering.summary(),
        ),
        page_version=page_version,
        handlers={
            "order": partial(handle_order, watched),
            "fork": partial(open_fork_dialog, run),
            "layout": restore_layout,
            **({"weight": watched.choose_weight} if watched else {}),
        },
    )
    if run is not None and (step := fork_dialog.fork_step(run)) is not None:
        fork.dialog(run, step)


def transport(run: Run | None, watched: SingleRun | None, settings: Settings) -> None:
    """Show the transport bar. It has the same height in every state."""
    has_ended = run is None or run.state in states.FINAL
    is_invalid = settings.problem is not None
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="transport"):
        first_button(watched, settings)
        st.button(
            "Step",
            on_click=_start_or_order,
            args=(watched, "step"),
            disabled=has_ended if run else is_invalid,
            help="Train on one mini-batch, then pause.",
        )
        st.button(
            "Step epoch",
            on_click=_start_or_order,
            args=(watched, "step_epoch"),
            disabled=has_ended if run else is_invalid,
            help="Train to the end of the epoch, then pause.",
        )
        if run is None and page_run.undoable_run() is not None:
            st.button("Undo reset", on_click=page_run.undo_reset, help="Show the run again. It is paused.")
        else:
            st.button(
                "Reset",
                on_click=page_run.reset,
                disabled=run is None,
                help="Remove the run from the board. You can undo this.",
            )
        pace_control([run] if run else ())
        if run is not None and run.state == states.STOPPED:
            st.button(
                "Go on",
                on_click=page_run.resume,
                args=(run,),
                help="Continue this run from the step where it was stopped.",
            )
        if run is not None and run.state == states.INTERRUPTED:
            st.button(
                "Restart",
                icon=":material/restart_alt:",
                on_click=_start,
                disabled=is_invalid,
                help="Start a new run with the sidebar's settings; the current run does not change.",
            )
        differences = restart_differences(run.current_config, settings.config, live_fields(run)) if run else []
        if differences and not is_invalid and not has_ended:
            st.button(
                "Restart",
                icon=":material/restart_alt:",
                on_click=_start,
                help=f"Start a new run with the sidebar's settings; the current run ends. {', '.join(differences)}.",
            )
            subject = "One change needs" if len(differences) == 1 else f"{len(differences)} changes need"
            st.caption(f"{subject} a restart")
        ghost_menu.ghost_menu(run)
        layout.view_menu()
        links.share_menu(settings)
        export.export_menu(watched)


def first_button(watched: Watched | None, settings: Settings) -> None:
    """Show the first button of the transport: Start, Pause or Resume."""
    if watched is None or watched.state in orders.ENDED:
        is_invalid = settings.problem is not None
        st.button("Start", key="start", type="primary", on_click=_start, disabled=is_invalid, width=FIRST_BUTTON_WIDTH)
        return
    label = orders.toggle_label(watched.state)
    order = label.lower()  # not "toggle": the state may change before the user presses the button
    st.button(label, key=order, type="primary", on_click=_give_order, args=(watched, order), width=FIRST_BUTTON_WIDTH)


def changed_badge(run: Run, settings: Settings) -> str:
    """Return the badge of an ended run if the sidebar has other or invalid settings; "" for other runs."""
    if run.state not in states.FINAL:
        return ""
    if settings.problem is not None:
        return "a setting is invalid"
    return "settings changed" if settings.config != run.current_config else ""


def restart_differences(
    old_config: RunConfig, new_config: RunConfig, live_names: Collection[str] = CHANGEABLE_FIELDS
) -> list[str]:
    """Return texts for the differences between two configs that take effect only after a restart.

    Args:
        old_config, new_config: the configs.
        live_names: fields that can change while a run trains.
    """
    differences = []
    for name, setting in SETTINGS.items():
        old_value, new_value = getattr(old_config, name), getattr(new_config, name)
        if name not in live_names and old_value != new_value:
            differences.append(f"{setting.label} {setting.display_text(old_value)} → {setting.display_text(new_value)}")
    return differences


def notices(run: Run | None, config: RunConfig) -> None:
    """Show notices about the layout and the run."""
    layout_on_page = board_layout.current_layout()
    if not panels_of(run.current_config if run else config, layout_on_page.name, layout_on_page.panels):
        problem = (
            "None of the chosen panels applies to this run. Choose other panels"
            if layout_on_page.panels
            else "No panel is chosen. Choose panels"
        )
        st.info(f"{problem} or another layout under View.", icon=":material/dashboard:")
    if run is not None and run.telemetry.refusal_reason:
        st.warning(
            escape_markdown(
                f"The change was refused, and the run continues without it: {with_label(run.telemetry.refusal_reason)}"
            )
        )
    if run is not None and run.telemetry.save_error:
        st.warning(escape_markdown(f"This run is not saved: {run.telemetry.save_error}"))


def restore_layout(layout: Mapping[str, Any]) -> None:
    """Show the layout that this browser has stored."""
    board_layout.choose_in_next_run(**layout)


def open_fork_dialog(run: Run | None, step: int) -> None:
    """Open the dialog that forks a run at a step; do nothing without a run."""
    if run is not None:
        fork_dialog.open_in_next_run(run, step)


def handle_order(watched: Watched | None, order: str) -> None:
    """Handle an order from a key: execute it, or start a run if there is none in progress."""
    if page_commands.perform(order, watched.runs[:1] if watched else ()):
        return
    if watched is not None and watched.state == states.ELSEWHERE:
        page_run.set_error("Another Regscope on this machine trains this run: pause or stop it there.")
    elif watched is None or watched.state in orders.ENDED:
        _start(None if order == "toggle" else order)
    else:
        _give_order(watched, order)


def _start(order: str | None = None) -> None:
    """Start a run with the settings of the sidebar."""
    settings = read_settings()  # read again, because a field may have changed since the last script run
    if settings.problem is None:
        page_run.start(settings.config, settings.pace, order)


def _start_or_order(watched: Watched | None, order: str) -> None:
    if watched is None:
        _start(order)
    else:
        _give_order(watched, order)


def _give_order(watched: Watched, order: str) -> None:
    """Execute an order for the run; if it is refused, the page shows the reason."""
    page_run.set_error(None)
    try:
        watched.give_order(get_hub().manager, order)
    except FieldError as error:
        page_run.set_error(str(error))
