"""The only file that touches session state, query parameters and caches.

A page belongs to a run through its address: `?run=…`. That is what survives a reload.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.charts import CUSTOM, LAYOUTS, PANELS
from dashboard.charts.layouts import DEFAULT
from dashboard.live.hub import the_hub
from engine import FieldError, RunConfig, load_dataset
from engine.checkpoint import CHANGEABLE
from engine.data import PLANAR, forget, pool_size
from engine.runs import states
from engine.runs.manager import KEPT, Manager
from engine.runs.run import Run

BOARD = "board"  # the key of the board's component
RUN = "run"  # the query parameter
_WIDGETS = "widget."  # the prefix of the sidebar's keys
_UNDO = "undo"  # the id of the run that a reset has taken away
_LOST = "lost"  # what to say of a run in the address that this server does not know
_ERROR = "error"
_BEFORE = "before."  # the prefix of what `remembered` keeps
_ASKED = "asked"  # whether a layout was chosen on this page
_LAID = "laid"  # the layout that this browser has kept from another time
_CHOSEN = "chosen"  # the data set that a dialog has chosen

PENALTIES = {(False, False): "None", (True, False): "L2", (False, True): "L1", (True, True): "Elastic net"}
# The λ that each of them has a slider for; without a penalty L2's stays in sight.
LAMBDAS_OF = {"None": ("l2",), "L2": ("l2",), "L1": ("l1",), "Elastic net": ("l1", "l2")}
LAMBDA = 1.0  # where the slider of a penalty stands that is off: the default run's


def manager() -> Manager:
    """This server's runs."""
    return the_hub().manager


def begin() -> None:
    """At the start of every script run: see that its run is there; at the first of a page, take its settings."""
    if chosen := st.session_state.pop(_CHOSEN, None):
        _choose(chosen)
    if laid := st.session_state.pop(_LAID, None):
        st.session_state[LAYOUT], panels = laid
        st.session_state[SHOWN] = [name for name in panels if name in PANELS]
        layout_chosen()
    first = "begun" not in st.session_state
    st.session_state["begun"] = True
    asked = st.query_params.get(RUN)
    found = manager().get(asked)
    if asked and found is None:
        # what stands in an address may be anything: only what looks like a run's id is repeated
        name = asked if re.fullmatch("[0-9a-f]{16}", asked) else "in the address"
        st.session_state[_LOST] = (
            f"The run {name} is not on this server (it was started before the server was, or has long ended): "
            "press Start."
            if first
            else f"The run {name} is no longer on this server: it has ended, and of those that have, the last {KEPT} "
            "are kept. The settings are still here: press Start for another."
        )
        del st.query_params[RUN]
    if first:
        set_widgets(found.now if found else RunConfig(), found.pace if found else DEFAULT_PACE)
    _keep_hidden()


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
    for key in (_ERROR, _LOST, _UNDO):
        st.session_state.pop(key, None)
    st.query_params[RUN] = started.id


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
        set_widgets(found.now, found.pace)


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


@dataclass(frozen=True)
class Layout:
    """What stands on the board.

    Attributes:
        name: one of `LAYOUTS`, or `CUSTOM`. panels: those of the custom one, by name.
        asked: whether the address says so, or a person has chosen it on this page.
    """

    name: str
    panels: tuple[str, ...] = ()
    asked: bool = False


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
    return None if current is None or current.state in states.FINAL or current.ending else current


# the sidebar's widgets

# Mini-batches a second, by what the page calls it; None is full speed.
PACES: dict[str, float | None] = {"1/s": 1.0, "5/s": 5.0, "25/s": 25.0, "125/s": 125.0, "1000/s": 1_000.0, "full": None}
DEFAULT_PACE: float | None = 125.0  # the default run then takes 40 seconds


def pace() -> float | None:
    """Mini-batches a second, None for full speed."""
    return PACES[widget("pace")]


def key(name: str) -> str:
    """The key of a sidebar widget: the field's name, out of the way of everything else."""
    return _WIDGETS + name


def widget(name: str) -> Any:
    """The value of a sidebar widget."""
    return st.session_state.get(key(name))


def set_widget(name: str, value: Any) -> None:
    """Set a widget; only before it is made in this script run, or in a callback."""
    st.session_state[key(name)] = value


def remembered(name: str, now: Any) -> Any:
    """What a value was when this was last called with its name; `now` is remembered instead."""
    before = st.session_state.get(_BEFORE + name)
    st.session_state[_BEFORE + name] = now
    return before


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
    set_widget("label_noise", 0)
    try:
        split = RunConfig(dataset=name, validation_share=widget("validation_share"))
        set_widget("train_size", pool_size(split, load_dataset(name)))
    except FieldError:
        pass  # removed meanwhile: the sidebar says so
    _remember()


def widgets_are(config: RunConfig, but: str) -> bool:
    """Whether every widget says what makes this config, one field left out."""
    return all(widget(name) == value for name, value in _values(config).items() if name != but)


def set_widgets(config: RunConfig, pace: float | None) -> None:
    """Set every widget to what makes this config."""
    for name, value in _values(config).items():
        set_widget(name, value)
    set_widget("pace", next(name for name, value in PACES.items() if value == pace))
    st.session_state.setdefault(key("keep_ratio"), False)
    _remember()


def _remember() -> None:
    """What callbacks will ask for as the values of before."""
    for name in ("dataset", "train_size"):
        remembered(name, widget(name))


def set_changeable(config: RunConfig) -> None:
    """Set the widgets of what can change while a run trains to what makes this config."""
    values = _values(config)
    for name in (*(name for name in CHANGEABLE if name in values), "penalty"):
        set_widget(name, values[name])


def _keep_hidden() -> None:
    """Keep what widgets say that another data set or penalty has no use for: Streamlit forgets those not made."""
    if widget("dataset") != "blobs":
        set_widget("blob_classes", widget("blob_classes"))
    if widget("dataset") not in PLANAR:
        set_widget("data_noise", widget("data_noise"))
    for name in {"l2", "l1"} - set(LAMBDAS_OF[widget("penalty")]):
        set_widget(name, widget(name))


def _values(config: RunConfig) -> dict[str, Any]:
    """What each widget says when it makes this config; the λ of a penalty that is off stays where it is."""
    return {
        "dataset": config.dataset,
        "train_size": config.train_size,
        "label_noise": round(100 * config.label_noise),
        "validation_share": config.validation_share,
        "pixel_noise": config.pixel_noise,
        "data_noise": config.data_noise,
        "blob_classes": config.blob_classes,
        "hidden": ", ".join(str(width) for width in config.hidden),
        "activation": config.activation,
        "cost": config.cost,
        "penalty": PENALTIES[bool(config.l2), bool(config.l1)],
        "l2": config.l2 or widget("l2") or LAMBDA,
        "l1": config.l1 or widget("l1") or LAMBDA,
        "l1_rule": config.l1_rule,
        "max_norm": config.max_norm,
        "drop_probability": config.drop_probability,
        "input_drop_probability": config.input_drop_probability,
        "dropout_count": config.dropout_count,
        "dropout_mask": config.dropout_mask,
        "dropout_scaling": config.dropout_scaling,
        "learning_rate": config.learning_rate,
        "mini_batch_size": config.mini_batch_size,
        "epochs": config.epochs,
        "seed": config.seed,
    }


# the pages

VIEW = "view"  # the key of the switch between them, and the query parameter
TRAIN = "train"  # the page that an address names which says nothing


def view() -> str:
    """The page that is shown, or about to be: by the switch, or by an address that is opened."""
    return str(st.session_state.get(VIEW) or st.query_params.get(VIEW) or TRAIN)
