"""Compare runs: several of them live on the same axes."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.charts.escaping import plain
from dashboard.live import orders
from dashboard.live.board import board_of, feed
from dashboard.live.bodies import page_of
from dashboard.live.group import Group
from dashboard.live.hub import the_hub
from dashboard.pages import damage, links, race, results, seeds
from dashboard.pages.pace import pace
from dashboard.pages.train import POLL
from dashboard.sidebar.reading import Settings, read
from dashboard.state import compare_page, evidence_state
from dashboard.state.page_settings import with_label
from engine import FieldError
from engine.analysis.twins import PRESETS
from engine.runs import states

WIDTH = 112  # of the first order, whatever it says: the bar must not move
EVERY = 2.0  # seconds between two looks at the runs while no board is shown
FIRST = next(iter(PRESETS))  # the race of the empty page


def show(settings: Settings) -> None:
    group = compare_page.group()
    made_from = page_of(group)  # before anything is: what changes meanwhile makes the page once more
    bar(group, settings)
    with st.container(key="messages"):  # always there: a board whose place on the page moves is mounted anew
        messages()
    if group is None:
        empty(settings)
    elif evidence_state.part() in BEHIND:
        BEHIND[evidence_state.part()](group)
        follow(group, made_from)
    else:
        live(group, made_from)


def bar(group: Group | None, settings: Settings) -> None:
    """One bar that always stands in the same place."""
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
            help="Pause or resume all of these runs; those that were interrupted go on bit for bit.",
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
            "What of these runs",
            evidence_state.PARTS,
            default=evidence_state.CURVES,
            required=True,
            key=evidence_state.PART,
            bind="query-params",
            label_visibility="collapsed",
            disabled=group is None,
            help="Curves: live, on the same axes. Results: figures with error bars, and what the runs differ in. "
            "Seeds: is the difference more than noise? Damage: destroy neurons.",
        )


def messages() -> None:
    """What a person must know before the board makes sense."""
    links.refused()
    if lost := compare_page.lost():
        st.warning(lost)
    if error := compare_page.error():
        st.error(plain(error))


def empty(settings: Settings) -> None:
    """What the page is for, and one button."""
    with st.container(key="nothing_compared", horizontal_alignment="center"):
        st.subheader("Nothing is compared yet", anchor=False)
        st.markdown(
            "A race trains the same network several times side by side: the same initial weights, the same examples in "
            "the same order, one thing different. What their curves differ in comes from that one thing."
        )
        st.button(
            f"Race: {FIRST}",
            key="first_race",
            type="primary",
            icon=":material/flag:",
            on_click=_start_first,
            disabled=settings.problem is not None,
            help="Four networks as the sidebar describes them, each with one regularizer or none. "
            "Other races stand behind Race, above.",
        )


def live(group: Group, made_from: str) -> None:
    """The board; where its socket cannot be had, it is fed from here, twice a second."""
    polling = compare_page.socket_failed()
    board_of(group, compare_page.BOARD, made_from=made_from, polling=polling, told={"order": partial(_order, group)})

    @st.fragment(run_every=POLL, key="live_group")
    def frames() -> None:
        feed(group, polled(group))

    if polling:
        frames()


def follow(group: Group, made_from: str) -> None:
    """Make the page once more when its runs are no longer what it was made from: here no board says so."""

    @st.fragment(run_every=EVERY, key="follow_group")
    def watch() -> None:
        if page_of(group) != made_from:
            st.rerun()

    if any(run.state not in states.FINAL for run in group.runs):
        watch()


def polled(group: Group) -> str | None:
    """A frame for a page that asks for it, of now or of the step it looks back at."""
    hub, back = the_hub(), compare_page.looks_back_at()
    hub.seen_by_polling(group, 2 * POLL)
    return hub.frame(group, {}) if back is None else hub.past_frame(group, back)


# what stands behind the curves, by the name of its part
BEHIND = {evidence_state.RESULTS: results.show, evidence_state.SEEDS: seeds.show, evidence_state.DAMAGE: damage.show}


def _order(group: Group, order: str) -> None:
    compare_page.refuse(None)
    try:
        orders.obey(the_hub().manager, group, order)
    except FieldError as error:
        compare_page.refuse(with_label(str(error)))


def _start_first() -> None:
    settings = read()
    if settings.problem is None:
        try:
            compare_page.start(compare_page.twins_of(settings.config, FIRST), settings.pace)
        except FieldError as error:
            compare_page.refuse(with_label(str(error)))
