"""RunConfig: everything that decides a run's numbers, checked when it is made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from engine.activations import ACTIVATIONS
from engine.costs import COSTS
from engine.errors import FieldError
from engine.initializers import INITIALIZERS
from engine.penalties import L1_RULES

MAX_LAYERS = 10
MAX_WIDTH = 10_000


@dataclass(frozen=True)
class RunConfig:
    """A run, as data: the same config gives the same numbers.

    Every field is checked when the config is made; a value that cannot be used raises `FieldError`
    with the field, the value and the way out. λ and η are the chapter's: see `docs/engine.md`.

    The defaults are a run that shows what regularization is for (few examples, three labels in ten
    corrupted, a network wide enough to memorize them) and trains in a second.
    """

    dataset: str = "digits"  # bundled: the first run needs no network
    train_size: int | None = 500  # few enough to overfit; None takes all
    label_noise: float = 0.3  # share of the training labels replaced by a wrong one
    hidden: tuple[int, ...] = (100,)  # wide enough to memorize 500 examples
    activation: str = "sigmoid"  # the chapter's
    cost: str = "cross-entropy"  # learns fast also when it starts badly wrong
    initializer: str = "scaled"  # the chapter's improved start
    l2: float = 1.0  # λ of L2; 0 is off
    l1: float = 0.0  # λ of L1; 0 is off
    l1_rule: str = "subgradient"  # the chapter's
    max_norm: float | None = None  # largest norm of a hidden neuron's incoming weights; None is off
    drop_probability: float = 0.5  # the chapter's half; keep probability is 1 − this
    input_drop_probability: float = 0.0  # the chapter leaves the inputs alone
    dropout_count: str = "exact"  # exactly that share, as the chapter; or each by a coin, "bernoulli"
    dropout_mask: str = "mini-batch"  # one thinned network a mini-batch, as the chapter; or "example"
    dropout_scaling: str = "classic"  # outgoing weights × keep at inference; or "inverted"
    learning_rate: float = 0.5  # η, the chapter's for these networks
    mini_batch_size: int = 10  # small enough to see the noise of SGD in the curve
    epochs: int = 100
    seed: int = 1
    dtype: str = "float32"  # twice as fast as float64 and exact enough to look at
    evaluate_on: str = "validation"  # "test" makes the test set the judge, as the book's figures do

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", _hidden(self.hidden))
        _text("dataset", self.dataset)
        if self.train_size is not None:
            _whole("train_size", self.train_size, 1, 10_000_000, "or None for all of them")
        _number("label_noise", self.label_noise, 0, 0.5, "above half the labels teach the wrong digit")
        _choice("activation", self.activation, ACTIVATIONS)
        _choice("cost", self.cost, COSTS)
        _choice("initializer", self.initializer, INITIALIZERS)
        _number("l2", self.l2, 0, 1e6, "0 switches the penalty off")
        _number("l1", self.l1, 0, 1e6, "0 switches the penalty off")
        _choice("l1_rule", self.l1_rule, L1_RULES)
        if self.max_norm is not None:
            _number("max_norm", self.max_norm, 1e-6, 1e6, "or None for no bound")
        for field in ("drop_probability", "input_drop_probability"):
            _drop_probability(field, getattr(self, field))
        _choice("dropout_count", self.dropout_count, ("exact", "bernoulli"))
        _choice("dropout_mask", self.dropout_mask, ("mini-batch", "example"))
        _choice("dropout_scaling", self.dropout_scaling, ("classic", "inverted"))
        _number("learning_rate", self.learning_rate, 1e-9, 1e6, "0.5 is a good start")
        _whole("mini_batch_size", self.mini_batch_size, 1, 100_000, "10 is the chapter's")
        _whole("epochs", self.epochs, 1, 1_000_000, "100 shows the default run whole")
        _whole("seed", self.seed, 0, 2**63 - 1, "any such number will do")
        _choice("dtype", self.dtype, ("float32", "float64"))
        _choice("evaluate_on", self.evaluate_on, ("validation", "test"))

    @property
    def keep_probability(self) -> float:
        """1 − drop_probability: the share of hidden neurons that train on a mini-batch."""
        return 1.0 - self.drop_probability

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types only; `from_dict` gives an equal config back."""
        return {**asdict(self), "hidden": list(self.hidden)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """A config from plain JSON types; fields left out take their defaults.

        Raises:
            FieldError: for a field that does not exist, or a value that cannot be used.
        """
        if not isinstance(values, Mapping):
            raise FieldError("config", f"must be a table of fields and values, got {_short(values)}")
        known = [field.name for field in fields(cls)]
        for name in values:
            if name not in known:
                raise FieldError(str(name), f"is no field of a run: use one of {', '.join(known)}")
        return cls(**values)


def check_against_data(config: RunConfig, n: int) -> None:
    """Refuse what only shows once n, the number of training examples in use, is known.

    Raises:
        FieldError: for a mini-batch larger than the training set, and for a penalty whose step
            is so long that the weights must diverge (ηλ/n ≥ 2).
    """
    if config.mini_batch_size > n:
        raise FieldError(
            "mini_batch_size",
            f"must be at most the number of training examples, {n}, got {config.mini_batch_size}: "
            "take a smaller mini-batch or more examples",
        )
    for field in ("l2", "l1"):
        lmbda = getattr(config, field)
        step = config.learning_rate * lmbda / n
        if step >= 2:
            raise FieldError(
                field,
                f"must keep ηλ/n below 2, got {config.learning_rate:g} · {lmbda:g} / {n} = {step:g}: "
                f"at 2 the penalty alone makes the weights grow; take λ below {2 * n / config.learning_rate:g}",
            )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _text(field: str, value: object) -> None:
    if not isinstance(value, str) or not value:
        raise FieldError(field, f"must be a name, got {_short(value)}")


def _choice(field: str, value: object, choices: Any) -> None:
    if not isinstance(value, str) or value not in choices:
        raise FieldError(field, f"must be one of {', '.join(choices)}, got {_short(value)}")


def _number(field: str, value: object, low: float, high: float, way_out: str) -> None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or not low <= value <= high:  # type: ignore[operator]
        raise FieldError(field, f"must be a number from {low:g} to {high:g}, got {_short(value)}: {way_out}")


def _whole(field: str, value: object, low: int, high: int, way_out: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise FieldError(field, f"must be a whole number from {low} to {high}, got {_short(value)}: {way_out}")


def _drop_probability(field: str, value: object) -> None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or not 0 <= value < 1:  # type: ignore[operator]
        raise FieldError(
            field,
            f"must be in [0, 1), got {_short(value)}: dropping every neuron leaves nothing to learn from",
        )


def _hidden(value: object) -> tuple[int, ...]:
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        raise FieldError("hidden", f"must be a list of widths such as [100] or [30, 30], got {_short(value)}")
    widths = tuple(value)
    if len(widths) > MAX_LAYERS:
        raise FieldError("hidden", f"must have at most {MAX_LAYERS} layers, got {len(widths)}: take fewer")
    for width in widths:
        _whole("hidden", width, 1, MAX_WIDTH, "give each hidden layer's number of neurons")
    return widths
