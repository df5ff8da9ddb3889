"""The compare page: several runs live on the same axes."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.live import orders
from dashboard.live.hub import get_hub
from dashboard.live.run_group import RunGroup
from dashboard.pages import live_board, messages
from dashboard.pages.comparing import damage, race, results, seeds
from dashboard.pages.pace import pace
from dashboard.sidebar.reading import Settings, read
from dashboard.state import board_layout, board_state
from dashboard.state.pages import compare_page, evidence_state
from dashboard.state.settings.page_settings import with_label
from engine import FieldError
from engine.analysis.twins import PRESETS
from engine.runs import states

WIDTH = 112  # pixels of the first button, so that the bar does not move with its label
EVERY = 2.0  # seconds between two checks of the runs while no board is shown
FIRST = next(iter(PRESETS))  # the race that the empty page offers


def show(settings: Settings) -> None:
    """Draw the page."""
    group = compare_page.group()
    page_version = group.page_version if group else ""  # first: a later change makes the page again
    bar(group, settings)
    messages.show(compare_page.missing_runs(), compare_page.error())
    if group is None:
        empty(settings)
    elif evidence_state.part() in OTHER_PARTS:
        OTHER_PARTS[evidence_state.part()](group)
        follow(group, page_version)
    else:
        live_board.show(
            board_state.COMPARE,
            group,
            group.contents(board_layout.layout()),
            page_version=page_version,
            handlers={"order": partial(_order, group)},
        )


def bar(group: RunGroup | None, settings: Settings) -> None:
    """Show the transport bar."""
    over = group is None or all(run.state in states.FINAL for run in group.runs)
    waits = group is not None and any(run.state in orders.WAITING for run in group.runs)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transport"):
        race.form(settings)
        moves = group is not None and group.state in (states.RUNNING, states.QUEUED)
        st.button(
            "Pause all" if moves or not waits else "Resume all",
            key="toggle_all",
            type="primary" if moves or waits else "secondary",
            on_click=_order,
            args=(group, "toggle"),
            disabled=not moves and not waits,
            width=WIDTH,
            help="Pause or resume all of these runs. Interrupted runs continue exactly where they were.",
        )
        st.button(
            "Step epoch",
            on_click=_order,
            args=(group, "step_epoch"),
            disabled=over,
            help="Train each run to the end of its epoch, then pause.",
        )
        pace(group.runs if group else ())
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
            "Seeds: is the difference larger than chance? Damage: destroy neurons.",
        )


def empty(settings: Settings) -> None:
    """Show the purpose of the page and a button that starts a race."""
    with st.container(key="nothing_compared", horizontal_alignment="center"):
        st.subheader("Nothing is compared yet", anchor=False)
        st.markdown(
            "A race trains the same network several times side by side, with the same initial weights and the same "
            "examples in the same order. Only one setting differs, so it causes every difference between the curves."
        )
        st.button(
            f"Race: {FIRST}",
            key="first_race",
            type="primary",
            icon=":material/flag:",
            on_click=_start_first,
            disabled=settings.problem is not None,
            help="Four networks as the sidebar describes them, each with one regularizer or none. "
            "For other races press Race, above.",
        )


def follow(group: RunGroup, page_version: str) -> None:
    """Rerun the page when the runs have changed; the board does so if one is shown."""

    @st.fragment(run_every=EVERY, key="follow_group")
    def watch() -> None:
        if group.page_version != page_version:
            st.rerun()

    if any(run.state not in states.FINAL for run in group.runs):
        watch()


# By the name of the part.
OTHER_PARTS = {
    evidence_state.RESULTS: results.show,
    evidence_state.SEEDS: seeds.show,
    evidence_state.DAMAGE: damage.show,
}


def _order(group: RunGroup, order: str) -> None:
    compare_page.refuse(None)
    try:
        group.give_order(get_hub().manager, order)
    except FieldError as error:
        compare_page.refuse(with_label(str(error)))


def _start_first() -> None:
    settings = read()
    if settings.problem is None:
        try:
            compare_page.start(compare_page.twins_of(settings.config, FIRST), settings.pace)
        except FieldError as error:
            compare_page.refuse(with_label(str(error)))
