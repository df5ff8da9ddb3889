"""The sidebar's widgets: what they say, and how they are set to what makes a config.

A widget may be coarser than the field it decides: a slider moves in steps, a λ of 0 is a penalty that is off. So each
stands for exactly the value that it was set from, for as long as it says what it said then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.charts import numbers
from dashboard.state.links import DEFAULT_PACE as DEFAULT_PACE
from dashboard.state.links import PACES as PACES
from engine import RunConfig
from engine.learning.checkpoint import CHANGEABLE

PENALTIES = {(False, False): "None", (True, False): "L2", (False, True): "L1", (True, True): "Elastic net"}
# The λ that each of them has a slider for; without a penalty L2's stays in sight.
LAMBDAS_OF = {"None": ("l2",), "L2": ("l2",), "L1": ("l1",), "Elastic net": ("l1", "l2")}
LAMBDA = 1.0  # where the slider of a penalty stands that is off: the default run's
LARGEST = 2**53 - 1  # the largest whole number that a browser counts to

# Fields that no widget decides: a page carries what a link or a run says of them.
CARRIED = (
    "initializer",
    "dtype",
    "expand",
    "stop_on",
    "patience",
    "halve_after",
    "max_halvings",
    "measure_all",
    "evaluate_on",
)

# Fields finer than their widgets: sliders in steps, and the seed, which may be more than a browser counts to.
FINER = ("label_noise", "pixel_noise", "data_noise", "drop_probability", "input_drop_probability", "seed")

_WIDGETS = "widget."  # the prefix of the widgets' keys
_BEFORE = "before."  # the prefix of what `remembered` keeps
_SET = "set"  # what the widgets of the fields in FINER were last set to, and the value that this stands for
_CARRIED = "carried"


def pace() -> float | None:
    """Mini-batches a second, None for full speed."""
    return PACES[widget("pace")]


def key(name: str) -> str:
    """The key of a sidebar widget: the field's name, out of the way of everything else."""
    return _WIDGETS + name


def kept(name: str) -> dict[str, Any]:
    """The arguments that every sidebar widget has: its key, and that its value is kept also while it is not made.

    That is more than for another page of the app. A browser makes a widget when its code has come, or when what holds
    it is opened, which may be long after the script has run, and takes what it stands at from the last run of the
    script. Kept, Streamlit tells it the value until the browser has it; else it begins at its smallest one and says so
    with the next click.
    """
    return {"key": key(name), "persist_state": "session"}


def widget(name: str) -> Any:
    """The value of a sidebar widget."""
    return st.session_state.get(key(name))


def set_widget(name: str, value: Any) -> None:
    """Set a widget; only before it is made in this script run, or in a callback."""
    st.session_state[key(name)] = value


def exactly(name: str, said: Any) -> Any:
    """The field's value that a widget stands for: what it was set from; `said` once it says something else."""
    stands = st.session_state.get(_SET, {})
    return stands[name][1] if name in stands and widget(name) == stands[name][0] else said


def seed() -> Any:
    """The seed, also one that a browser cannot count to; None where the field was emptied."""
    return exactly("seed", widget("seed"))


def scale(name: str, top: float, form: str) -> dict[str, Any]:
    """A slider's upper end and format: `top` and `form`, or what shows the value it was set from as it is.

    They change only where the widget is set: a person's own move makes no other slider of it.
    """
    shown, _ = st.session_state.get(_SET, {}).get(name, (0.0, None))
    fits = float(form.split()[0].replace("%d", "%.0f") % shown) == shown
    return {"max_value": max(top, shown), "format": form if fits else form.replace("%.2f", "%g").replace("%d", "%g")}


def remembered(name: str, now: Any) -> Any:
    """What a value was when this was last called with its name; `now` is remembered instead."""
    before = st.session_state.get(_BEFORE + name)
    st.session_state[_BEFORE + name] = now
    return before


def widgets_are(config: RunConfig, but: str) -> bool:
    """Whether every widget says what makes this config, one field left out."""
    return all(widget(name) == value for name, value in _values(config).items() if name != but)


def set_widgets(config: RunConfig, pace: float | None) -> None:
    """Set every widget to what makes this config, and carry what none of them says."""
    _set(config, _values(config))
    set_widget("pace", next(name for name, value in PACES.items() if value == pace))
    st.session_state.setdefault(key("keep_ratio"), False)
    st.session_state[_CARRIED] = {name: getattr(config, name) for name in CARRIED}
    remember()


def set_changeable(config: RunConfig) -> None:
    """Set the widgets of what can change while a run trains to what makes this config."""
    values = _values(config)
    _set(config, {name: values[name] for name in (*CHANGEABLE, "penalty")})


def carried() -> dict[str, Any]:
    """The fields that no widget decides, as the link or the run of this page has them."""
    return dict(st.session_state.get(_CARRIED, {}))


def drop_carried() -> None:
    """Go back to the defaults in the fields that no widget decides."""
    st.session_state[_CARRIED] = {name: getattr(RunConfig(), name) for name in CARRIED}


def with_carried(config: RunConfig) -> RunConfig:
    """A config with the fields that this page carries."""
    return replace(config, **carried())


def remember() -> None:
    """What callbacks will ask for as the values of before."""
    for name in ("dataset", "train_size"):
        remembered(name, widget(name))


def _set(config: RunConfig, values: dict[str, Any]) -> None:
    stands = dict(st.session_state.get(_SET, {}))
    for name, value in values.items():
        set_widget(name, value)
        if name in FINER:
            stands[name] = (value, getattr(config, name))
    st.session_state[_SET] = stands


def _values(config: RunConfig) -> dict[str, Any]:
    """What each widget says when it makes this config; the λ of a penalty that is off stays where it is."""
    return {
        "dataset": config.dataset,
        "train_size": config.train_size,
        "label_noise": float(numbers.hundredfold(config.label_noise)),
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
        # one that a browser cannot count to stands behind an empty field
        "seed": config.seed if config.seed <= LARGEST else None,
    }
