"""Widgets in, RunConfig out: data, network, regularizer, training, from top to bottom."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import plain
from dashboard.sidebar import data_section, regularizer
from dashboard.state import address, session
from dashboard.state.live_changes import AT_ONCE, RESTART, explained, marked
from engine import FieldError, RunConfig, dataset_of, warnings
from engine.data import check_selection
from engine.families.activations import ACTIVATIONS
from engine.families.costs import COSTS
from engine.learning.checkpoint import CHANGEABLE

LEARNING_RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0]

# What a field is called on the page, for the errors that name one.
LABELS = {
    "dataset": "Data set",
    "train_size": "Training examples",
    "label_noise": "Corrupted labels",
    "validation_share": "Validation share",
    "pixel_noise": "Noise on the inputs",
    "data_noise": "Noise of the points",
    "blob_classes": "Classes",
    "activation": "Activation",
    "hidden": "Hidden layers",
    "cost": "Cost",
    "l2": "λ of L2",
    "l1": "λ of L1",
    "l1_rule": "Rule of L1",
    "max_norm": "Max-norm",
    "drop_probability": "Dropout",
    "input_drop_probability": "Dropout of the inputs",
    "dropout_count": "Neurons dropped",
    "dropout_mask": "One mask for",
    "dropout_scaling": "Scaling of dropout",
    "learning_rate": "Learning rate η",
    "mini_batch_size": "Mini-batch",
    "epochs": "Epochs",
    "seed": "Seed",
    "pace": "Mini-batches per second",
    # these have no widget: a link or a run brings them
    "initializer": "Initial weights",
    "dtype": "Precision",
    "expand": "Shifted images",
    "stop_on": "Early stopping",
    "patience": "Patience",
    "halve_after": "Halving of η",
    "max_halvings": "Halvings of η at most",
    "measure_all": "Measuring all training examples",
    "evaluate_on": "Judge",
}


@dataclass(frozen=True)
class Settings:
    """What the sidebar says.

    Attributes:
        config: the run it describes; the default one where `problem` says why there is none.
        link: the run it describes, also one that cannot be trained here; None where a field is no value at all.
        pace: updates per second, None for full speed.
        problem: what cannot be used, with the way out, else None.
        warned: what can be used but is probably not meant.
    """

    config: RunConfig
    pace: float | None
    problem: str | None
    warned: tuple[str, ...] = ()
    link: RunConfig | None = None


def sidebar(refused: FieldError | None = None) -> Settings:
    """The settings, from top to bottom; `refused` is why a change of the run cannot be made."""
    message = st.container()
    _also_set()
    data_section.section(read)
    _network()
    regularizer.section(read().warned)
    _training()
    settings = read()
    if settings.link:
        address.follow(settings.link, settings.pace)
    if problem := settings.problem or (refused and in_words(str(refused))):
        message.error(plain(problem))
    return settings


def in_words(told: str) -> str:
    """What begins with the name of a field, as the engine's errors and warnings do, with the page's name for it."""
    field, _, words = told.partition(" ")
    return f"{LABELS.get(field, field)} {words}"


def changeable() -> dict[str, Any]:
    """What the widgets say of the fields that can change while a run trains."""
    says = {**regularizer.fields(), "learning_rate": session.widget("learning_rate")}
    return {name: says[name] for name in CHANGEABLE}


def read() -> Settings:
    """What the widgets say at this moment."""
    config = RunConfig()
    wanted, problem, warned = None, None, []
    try:
        wanted = _config()
        dataset = dataset_of(wanted)
        warned = warnings(wanted, check_selection(wanted, dataset), dataset.features)
        config = wanted  # only now: the board draws the data of what it is given
    except FieldError as error:
        problem = in_words(str(error))
    return Settings(config, session.pace(), problem, tuple(in_words(warning) for warning in warned), wanted)


def _network() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="network_bar"):
        st.header(marked("Network", RESTART), help=explained("", RESTART) or None, width="stretch")
        with st.popover("Cost", type="tertiary", help="What the network is trained to make small."):
            st.selectbox(
                "Cost",
                list(COSTS),
                **session.kept("cost"),
                help="Cross-entropy learns fast also when it starts badly wrong; the quadratic cost learns slowly "
                "then. The log-likelihood goes with softmax outputs.",
            )
    left, right = st.columns(2)
    left.text_input(
        "Hidden layers",
        **session.kept("hidden"),
        placeholder="none",
        help="The number of neurons of each hidden layer, as 100 or 30, 30. Empty: no hidden layer.",
    )
    right.selectbox(
        "Activation",
        list(ACTIVATIONS),
        **session.kept("activation"),
        help="What a hidden neuron makes of its weighted input. The chapter's is the sigmoid.",
    )


def _training() -> None:
    st.header(
        marked("Training", RESTART),
        help=explained("", RESTART) and f"{RESTART.says} The learning rate does not: it is felt at once.",
    )
    st.select_slider(
        marked("Learning rate η", AT_ONCE),
        _with(LEARNING_RATES, session.widget("learning_rate")),
        **session.kept("learning_rate"),
        format_func=numbers.exact,
        help=explained("How far one update goes. Too large: the cost jumps; too small: nothing happens.", AT_ONCE),
    )
    left, right = st.columns(2)
    left.number_input(
        "Mini-batch",
        min_value=1,
        max_value=100_000,
        step=1,
        **session.kept("mini_batch_size"),
        help="Examples in one update.",
    )
    right.number_input(
        "Epochs",
        min_value=1,
        max_value=1_000_000,
        step=10,
        **session.kept("epochs"),
        help="How often the network sees every training example.",
    )
    left, right = st.columns(2, vertical_alignment="bottom")
    right.caption(_how_long())
    left.number_input(
        "Seed",
        min_value=0,
        max_value=session.LARGEST,
        step=1,
        **session.kept("seed"),
        placeholder=str(session.seed()),  # of one that a browser cannot count to
        help="The same seed gives the same initial weights, order of examples, masks and corrupted labels.",
    )


# What a run does that has a field otherwise than in the default, for the fields that no widget decides.
_ALSO: dict[str, Callable[[Any], str]] = {
    "initializer": lambda value: f"initial weights {value}",
    "dtype": lambda value: f"{value} arithmetic",
    "expand": lambda value: "shifted images added",
    "stop_on": lambda value: f"early stopping on {value}",
    "patience": lambda value: f"patience {value}",
    "halve_after": lambda value: f"η halved after {value} epochs without improvement",
    "max_halvings": lambda value: f"at most {value} halvings of η",
    "measure_all": lambda value: "all training examples measured",
    "evaluate_on": lambda value: f"judged by the {value} set",
}


def also(fields: Mapping[str, Any]) -> list[str]:
    """In words, what differs from the default of the fields that no widget decides."""
    default = RunConfig()
    return [_ALSO[name](value) for name, value in fields.items() if value != getattr(default, name)]


def _also_set() -> None:
    found = also(session.carried())
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="also_bar"):
        st.caption(f"Also set by the link: {plain(', '.join(found))}", width="stretch")
        st.button(
            "Drop",
            key="drop_carried",
            type="tertiary",
            on_click=session.drop_carried,
            help="They came with the link or the run, and have no field here. Dropped, they are as in the default.",
        )


def _how_long() -> str:
    """The number of updates that the settings come to."""
    n, m, epochs = data_section.training_examples(), session.widget("mini_batch_size"), session.widget("epochs")
    if not n or not m or not epochs:
        return ""
    per_epoch = math.ceil(n / m)
    return f"{numbers.count(per_epoch)} steps an epoch, {numbers.count(per_epoch * epochs)} in all"


def _config() -> RunConfig:
    """The config that the widgets describe. Raises `FieldError`."""
    return RunConfig(
        dataset=session.widget("dataset"),
        train_size=session.widget("train_size"),
        label_noise=session.exactly("label_noise", session.widget("label_noise") / 100),
        validation_share=session.widget("validation_share"),
        pixel_noise=session.exactly("pixel_noise", round(session.widget("pixel_noise"), 2)),
        data_noise=session.exactly("data_noise", round(session.widget("data_noise"), 2)),
        blob_classes=session.widget("blob_classes"),
        hidden=parse_hidden(session.widget("hidden")),
        activation=session.widget("activation"),
        cost=session.widget("cost"),
        **regularizer.fields(),
        learning_rate=session.widget("learning_rate"),
        mini_batch_size=session.widget("mini_batch_size"),
        epochs=session.widget("epochs"),
        seed=session.seed(),
        **session.carried(),
    )


def parse_hidden(text: str) -> tuple[int, ...]:
    """The widths in "30, 30". Raises `FieldError`."""
    widths = []
    for part in text.replace(";", ",").split(","):
        part = part.strip()
        if not part and len(text.strip()) == 0:
            continue
        if not part.isascii() or not part.isdigit() or len(part) > 100:
            raise FieldError(
                "hidden", f"must be whole numbers with commas between, got {text!r:.60}: write 100 or 30, 30"
            )
        widths.append(int(part))
    return tuple(widths)


def _with(options: list[Any], value: float | None) -> list[Any]:
    """The options, and a value from elsewhere that is none of them."""
    return sorted({*options, value}) if value is not None else options
