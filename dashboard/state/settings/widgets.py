"""The sidebar's widgets: what they say, and how they are set to what makes a config.

A widget may be coarser than the field it decides: a slider moves in steps, a λ of 0 is a penalty that is off. So each
stands for exactly the value that it was set from, for as long as it says what it said then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.charts import numbers
from dashboard.state.settings.page_settings import PACES
from dashboard.state.settings.penalty_choice import BOUNDS, LAMBDAS, VARIANTS, choice_of, fields_of
from engine import RunConfig
from engine.config import SETTINGS
from engine.learning.checkpoint import CHANGEABLE

LAMBDA = 1.0  # where the slider of a penalty stands that is off: the demonstration's
LARGEST = 2**53 - 1  # the largest whole number that a browser counts to

# The fields that have a widget in the sidebar. A page carries the values of the others from a link or a run.
WITH_WIDGET = (
    "dataset",
    "train_size",
    "validation_share",
    "label_noise",
    "pixel_noise",
    "data_noise",
    "blob_classes",
    "hidden",
    "activation",
    "cost",
    *LAMBDAS,
    *VARIANTS,
    *BOUNDS,
    "drop_probability",
    "input_drop_probability",
    "dropout_count",
    "dropout_mask",
    "dropout_scaling",
    "learning_rate",
    "mini_batch_size",
    "epochs",
    "seed",
)
CARRIED = tuple(name for name in SETTINGS if name not in WITH_WIDGET)

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


def fields() -> dict[str, Any]:
    """The value of every field that has a widget.

    Raises:
        FieldError: for hidden layers that are no whole numbers.
    """
    return {name: _field(name) for name in WITH_WIDGET}


def changeable() -> dict[str, Any]:
    """The values of the fields that can change while a run trains."""
    return {name: _field(name) for name in CHANGEABLE}


def active_lambdas() -> tuple[str, ...]:
    """The λs that are not 0."""
    return fields_of(widget("penalty"))


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
    st.session_state[_CARRIED] = {name: getattr(RunConfig.demo(), name) for name in CARRIED}


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


def _field(name: str) -> Any:
    """The value of the field that a widget decides."""
    value = widget(name)
    if name in LAMBDAS:
        return value if name in active_lambdas() else 0.0
    if name == "hidden":
        # a form is left empty for no hidden layer, and people separate widths by semicolons, too
        return SETTINGS[name].parse(value.replace(";", ",").strip() or "none")
    if name == "seed":
        return seed()
    if name == "label_noise":
        return exactly(name, value / 100)
    return exactly(name, round(value, 2)) if name in FINER else value


def _values(config: RunConfig) -> dict[str, Any]:
    """What each widget says when it makes this config; the λ of a penalty that is off stays where it is."""
    values = {name: getattr(config, name) for name in WITH_WIDGET}
    return {
        **values,
        **{name: values[name] or widget(name) or LAMBDA for name in LAMBDAS},
        "label_noise": float(numbers.hundredfold(config.label_noise)),
        "hidden": SETTINGS["hidden"].words(config.hidden) if config.hidden else "",
        "penalty": choice_of([name for name in LAMBDAS if values[name]]),
        # one that a browser cannot count to stands behind an empty field
        "seed": config.seed if config.seed <= LARGEST else None,
    }
