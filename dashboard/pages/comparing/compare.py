"""The compare page: several runs live on the same axes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard.live import orders
from dashboard.live.hub import get_hub
from dashboard.live.run_group import RunGroup
from dashboard.pages import live_board, messages
from dashboard.pages.comparing import damage, export, race, results, seeds, shared_race
from dashboard.pages.pace import pace_control
from dashboard.sidebar import page_commands
from dashboard.sidebar.reading import Settings
from dashboard.state import board_layout, board_state
from dashboard.state.pages import compare_page, evidence_state
from dashboard.state.pages import shared_race as race_link
from dashboard.state.settings.page_settings import with_label
from engine import FieldError
from engine.runs import states

TOGGLE_WIDTH = 104  # pixels; a fixed width, so that a change of the label does not move the other buttons
CHECK_INTERVAL = 2.0  # seconds between two checks of the runs on parts of the page without a board


def show(settings: Settings) -> None:
    """Draw the page."""
    group = compare_page.current_group()
    page_version = group.page_version if group else ""  # read first, so that any later change reruns the page
    transport(group, settings)
    messages.show(compare_page.missing_runs(), compare_page.error())
    if group is None:
        (shared_race.recipe if race_link.query() else empty_page)(settings)
    elif evidence_state.current_part() in OTHER_PARTS:
        OTHER_PARTS[evidence_state.current_part()](group)
        rerun_on_change(group, page_version)
    else:
        live_board.show(
            board_state.COMPARE,
            group,
            replace(group.contents(board_layout.current_layout()), problem=compare_page.error() or ""),
            page_version=page_version,
            handlers={"order": partial(_handle_order, group)},
        )


def transport(group: RunGroup | None, settings: Settings) -> None:
    """Show the transport bar."""
    all_ended = group is None or all(run.state in states.FINAL for run in group.runs)
    is_waiting = group is not None and any(run.state in orders.WAITING for run in group.runs)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="transport"):
        race.race_form(settings)
        is_active = group is not None and group.state in (states.RUNNING, states.QUEUED)
        order = (
            "pause" if is_active or not is_waiting else "resume"
        )  # not "toggle": the states may change before a click
        st.button(
            f"{order.capitalize()} all",
            key=f"{order}_all",
            type="primary" if is_active or is_waiting else "secondary",
            on_click=_give_order,
            args=(group, order),
            disabled=not is_active and not is_waiting,
            width=TOGGLE_WIDTH,
            help="Pause or resume all of these runs. Interrupted runs continue at the step where they ended.",
        )
        st.button(
            "Step epoch",
            key="step_all",
            on_click=_give_order,
            args=(group, "step_epoch"),
            disabled=all_ended,
            help="Train each run to the end of its epoch, then pause.",
        )
        pace_control(group.runs if group else ())
        st.segmented_control(
            "Part of the comparison",
            evidence_state.PARTS,
            default=evidence_state.CURVES,
            required=True,
            key=evidence_state.PART,
            bind="query-params",
            label_visibility="collapsed",
            disabled=group is None,
            help="Curves: live, on the same axes. Results: accuracies with errors, and the settings that differ. "
            "Seeds: compare differences with chance. Damage: destroy neurons.",
        )
        shared_race.share_menu(group)
        export.export_menu(group)


def empty_page(settings: Settings) -> None:
    """Show what the page is for, and a button that starts a race."""
    with st.container(key="nothing_compared", horizontal_alignment="center"):
        st.subheader("Nothing is compared yet", anchor=False)
        st.markdown(
            "A race trains twins side by side: the same network, with the same initial weights and the same examples "
            "in the same order. They differ in one setting only, so it causes every difference between the curves."
        )
        st.button(
            f"Race: {page_commands.FIRST_PRESET}",
            key="first_race",
            type="primary",
            icon=":material/flag:",
            on_click=page_commands.start_race,
            disabled=settings.problem is not None,
            help="Four twins with the settings of the sidebar, each with one regularizer or none. "
            "For other races press Race, above.",
        )
        if settings.problem is not None:
            messages.why_nothing_starts(settings)


def rerun_on_change(group: RunGroup, page_version: str) -> None:
    """Rerun the page when the runs have changed, on parts of the page without a board."""

    @st.fragment(run_every=CHECK_INTERVAL, key="follow_group")
    def check() -> None:
        if group.page_version != page_version:
            st.rerun()

    if any(run.state not in states.FINAL for run in group.runs):
        check()


# The functions that draw the parts without a board, by name of the part.
OTHER_PARTS = {
    evidence_state.RESULTS: results.show,
    evidence_state.SEEDS: seeds.show,
    evidence_state.DAMAGE: damage.show,
}


def _handle_order(group: RunGroup, order: str) -> None:
    if not page_commands.perform(order, group.runs):
        _give_order(group, order)


def _give_order(group: RunGroup, order: str) -> None:
    compare_page.set_error(None)
    try:
        group.give_order(get_hub().manager, order)
    except FieldError as error:
        compare_page.set_error(with_label(str(error)))
