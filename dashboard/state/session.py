"""What a page keeps between two runs of its script: its run, its layout, and what is to be said.

A page belongs to a run through its address: `?run=…`. That is what survives a reload. Only this file, `widgets` (the
sidebar's) and `address` touch session state, query parameters and caches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from dashboard.charts import CUSTOM, LAYOUTS, PANELS
from dashboard.charts.panels.layouts import DEFAULT, Layout
from dashboard.live.board import BOARD
from dashboard.live.hub import the_hub
from dashboard.state import address

# isort: off
from dashboard.state.widgets import (
    DEFAULT_PACE as DEFAULT_PACE,
    LAMBDAS_OF as LAMBDAS_OF,
    LARGEST as LARGEST,
    PACES as PACES,
    carried as carried,
    drop_carried as drop_carried,
    exactly as exactly,
    key as key,
    kept as kept,
    pace as pace,
    remember as remember,
    remembered as remembered,
    scale as scale,
    seed as seed,
    set_changeable as set_changeable,
    set_widget as set_widget,
    set_widgets as set_widgets,
    widget as widget,
    widgets_are as widgets_are,
    with_carried as with_carried,
)

# isort: on
from engine import FieldError, RunConfig, load_dataset
from engine.data import forget, pool_size
from engine.runs import states
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run

RUN = "run"  # the query parameter
_UNDO = "undo"  # the id of the run that a reset has taken away
_LOST = "lost"  # what to say of a run in the address that this server does not know
_ERROR = "error"
_ASKED = "asked"  # whether a layout was chosen on this page
_LAID = "laid"  # the layout that this browser has kept from another time
_GO = "go"  # the page to show with the next script run
_CHOSEN = "chosen"  # the data set that a dialog has chosen


def manager() -> Manager:
    """This server's runs."""
    return the_hub().manager


def begin(offered: Mapping[str, Sequence[str]]) -> None:
    """At the start of every script run: see that its run is there; at the first of a page, take its settings.

    Args:
        offered: the choices that an address can name beside the settings, by parameter.
    """
    if chosen := st.session_state.pop(_CHOSEN, None):
        _choose(chosen)
    if laid := st.session_state.pop(_LAID, None):
        st.session_state[LAYOUT], panels = laid
        st.session_state[SHOWN] = [name for name in panels if name in PANELS]
        layout_chosen()
    if view_wanted := st.session_state.pop(_GO, None):
        st.session_state[VIEW] = view_wanted
    first = "begun" not in st.session_state
    if first:
        st.session_state["begun"] = True
        st.session_state[_ASKED] = LAYOUT in st.query_params  # where it is the default, Streamlit takes it away
    asked = st.query_params.get(RUN)
    found = manager().get(asked)
    if asked and found is None:
        # what stands in an address may be anything: only what looks like a run's id is repeated
        name = asked if re.fullmatch("[0-9a-f]{16}", asked) else "in the address"
        st.session_state[_LOST] = (
            f"The run {name} is not kept on this machine: it was deleted, or trained on another. "
            + ("Its settings are in the address: press Start for another." if address.says_any() else "Press Start.")
            if first
            else f"The run {name} is no longer kept here: it was deleted. The settings are still here: press Start for "
            "another."
        )
        del st.query_params[RUN]
    if first or address.went_back():
        if found:
            set_widgets(found.current_config, found.pace)
            address.accept()
        else:
            address.take()
    if first:
        address.refuse_unknown(offered)


# the run of this page


def run() -> Run | None:
    """The run that this page shows."""
    return manager().get(st.query_params.get(RUN))


def start(config: RunConfig, pace: float | None, steps: str | None = None) -> None:
    """Start a run and make it this page's, in the place of the one before; a refusal is kept for `error`."""
    try:
        started = manager().start(config, pace, steps, replaces=run())
    except FieldError as error:
        st.session_state[_ERROR] = str(error)
        return
    gone = undoable()  # the last reset can no longer be undone: its worker need not wait for it
    if gone and gone is not started and gone.state not in states.FINAL and not gone.watchers:
        manager().stop(gone)
    for name in (_ERROR, _LOST, _UNDO):
        st.session_state.pop(name, None)
    address.accept()
    st.query_params[RUN] = started.id


def open_kept(run_id: str) -> bool:
    """Make a run that is kept this page's, its settings in the sidebar; False where there is none."""
    found = manager().get(run_id)
    if found is None:
        return False
    st.query_params[RUN] = found.id
    set_widgets(found.current_config, found.pace)
    address.accept()
    return True


def go_on(run: Run) -> None:
    """Let a run that was interrupted or stopped train on; a refusal is kept for `error`."""
    try:
        manager().resume(run)
        st.session_state.pop(_ERROR, None)
    except FieldError as error:
        st.session_state[_ERROR] = str(error)


def reset() -> None:
    """Take the run off the page. It is kept, paused, so that the reset can be undone."""
    current = run()
    if current is None:
        return
    manager().pause(current)
    st.session_state[_UNDO] = current.id
    del st.query_params[RUN]


def undo_reset() -> None:
    """Bring the run back that the last reset took away, and its settings with it."""
    found = undoable()
    st.session_state.pop(_UNDO, None)
    if found is not None:
        st.query_params[RUN] = found.id
        set_widgets(found.current_config, found.pace)
        address.accept()


def undoable() -> Run | None:
    """The run that `undo_reset` would bring back."""
    return manager().get(st.session_state.get(_UNDO))


def lost_run() -> str | None:
    """What has become of the run in the address, when this server does not know it."""
    return st.session_state.get(_LOST)


def error() -> str | None:
    """Why the last start was refused."""
    return st.session_state.get(_ERROR)


def looks_back_at() -> int | None:
    """The step that a board without a socket looks back at; None for now."""
    at = st.session_state.get(BOARD, {}).get("at")
    return at if isinstance(at, int) else None


# the layout of the board

LAYOUT = "layout"  # the keys of its widgets, and the query parameters that keep it
SHOWN = "panels"


def layout() -> Layout:
    """The layout that this page shows."""
    name = st.session_state.get(LAYOUT) or DEFAULT
    panels = tuple(st.session_state.get(SHOWN) or ()) if name == CUSTOM else ()
    return Layout(name, panels, bool(st.session_state.get(_ASKED) or LAYOUT in st.query_params))


def choose_layout(name: str, panels: Iterable[str] = ()) -> None:
    """Choose a layout with the next script run: its widgets are made already in this one."""
    st.session_state[_LAID] = (name, tuple(panels))


def layout_chosen() -> None:
    """A person has chosen: what her browser kept from another time is no longer asked for.

    A custom layout begins with the panels of the one before.
    """
    st.session_state[_ASKED] = True
    before = remembered(LAYOUT, st.session_state[LAYOUT])
    if st.session_state[LAYOUT] == CUSTOM and not st.session_state.get(SHOWN):
        st.session_state[SHOWN] = list(LAYOUTS.get(before or DEFAULT, ()))


def panels_chosen() -> None:
    """A person has chosen panels of her own."""
    st.session_state[_ASKED] = True
    st.session_state[LAYOUT] = CUSTOM


def socket_failed() -> bool:
    """Whether the board has said that its live socket cannot be had here."""
    return bool(st.session_state.get(BOARD, {}).get("fallback"))


def open_run() -> Run | None:
    """The run that this page shows, while it is not over: the sidebar then says what of it can be moved."""
    current = run() if view() == TRAIN else None  # on another page the sidebar says what is started there
    return None if current is None or current.state in states.FINAL or current.stopping else current


# data sets


def choose_next(dataset: str) -> None:
    """Choose a data set in the sidebar with the next script run: its widget is made already in this one."""
    st.session_state[_CHOSEN] = dataset


def remove_own(name: str) -> None:
    """Delete somebody's own data set from the data folder, and go back to the bundled one."""
    try:
        forget(name)
    except FieldError as error:
        st.session_state[_ERROR] = str(error)
        return
    set_widget("dataset", RunConfig().dataset)
    remembered("dataset", widget("dataset"))


def _choose(name: str) -> None:
    """Choose somebody's own set that was just added: all its examples, and no label corrupted unless asked for."""
    set_widget("dataset", name)
    set_widget("label_noise", 0.0)
    try:
        split = RunConfig(dataset=name, validation_share=widget("validation_share"))
        set_widget("train_size", pool_size(split, load_dataset(name)))
    except FieldError:
        pass  # removed meanwhile: the sidebar says so
    remember()


# the pages

VIEW = "view"  # the key of the switch between them, and the query parameter
TRAIN = "train"  # the page that an address names which says nothing


def view() -> str:
    """The page that is shown, or about to be: by the switch, or by an address that is opened."""
    return str(st.session_state.get(VIEW) or st.query_params.get(VIEW) or TRAIN)


def go_to(name: str) -> None:
    """Show a page with the next script run: the switch is made already in this one."""
    st.session_state[_GO] = name
