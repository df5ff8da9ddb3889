"""RunConfig: everything that decides a run's numbers, checked when it is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import asdict, dataclass, fields
from itertools import islice
from numbers import Integral, Real
from typing import Any

from engine.errors import FieldError
from engine.families.activations import ACTIVATIONS
from engine.families.costs import COSTS
from engine.families.initializers import INITIALIZERS
from engine.families.penalties import L1_RULES, penalty_of

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
    validation_share: float | None = None  # of all but the test examples; None keeps the data set's own split
    label_noise: float = 0.3  # share of the training labels replaced by a wrong one
    pixel_noise: float = 0.0  # standard deviation of noise on the training inputs; off: the labels are hard enough
    data_noise: float = 0.2  # that of a generated set's points: 100 of the circles are then overfitted, 95 to 85 %
    blob_classes: int = 3  # the fewest whose boundaries meet in a point; read by the set "blobs" alone
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
    expand: bool = False  # add every training image shifted by a pixel in four directions; n grows fivefold
    stop_on: str = "never"  # or stop early, when validation "accuracy" or "cost" no longer improves
    patience: int = 10  # epochs without improvement before it stops: the chapter's no-improvement-in-ten
    halve_after: int | None = None  # epochs without improvement before η is halved; None keeps it
    max_halvings: int = 7  # the chapter stops when η is 1/128 of what it was
    measure_all: bool = False  # training cost and accuracy of all examples; else see `measured_examples`
    evaluate_on: str = "validation"  # "test" makes the test set the judge, as the book's figures do

    def __post_init__(self) -> None:
        def check(how: Callable[..., object], field: str, *limits: object) -> None:
            # what comes back is a plain number: NumPy's would not go into JSON
            object.__setattr__(self, field, how(field, getattr(self, field), *limits))

        check(_text, "dataset", "name one that is there, such as digits")
        if self.train_size is not None:
            check(_whole, "train_size", 1, 10_000_000, "or None for all of them")
        if self.validation_share is not None:
            check(_number, "validation_share", 0.01, 0.9, "or None for the data set's own split")
        check(_number, "label_noise", 0, 0.5, "above half the labels teach the wrong digit")
        check(_number, "pixel_noise", 0, 1, "at 1 an image is hardly to be seen; 0 switches the noise off")
        check(_number, "data_noise", 0, 0.5, "at 0.5 hardly anything is left of the shape")
        check(_whole, "blob_classes", 2, 6, "the blobs of more would lie on each other")
        check(_hidden, "hidden")
        check(_choice, "activation", ACTIVATIONS)
        check(_choice, "cost", COSTS)
        check(_choice, "initializer", INITIALIZERS)
        check(_number, "l2", 0, 1e6, "0 switches the penalty off")
        check(_number, "l1", 0, 1e6, "0 switches the penalty off")
        check(_choice, "l1_rule", L1_RULES)
        if self.max_norm is not None:
            check(_number, "max_norm", 1e-6, 1e6, "or None for no bound")
        check(_drop_probability, "drop_probability")
        check(_drop_probability, "input_drop_probability")
        check(_choice, "dropout_count", ("exact", "bernoulli"))
        check(_choice, "dropout_mask", ("mini-batch", "example"))
        check(_choice, "dropout_scaling", ("classic", "inverted"))
        check(_number, "learning_rate", 1e-9, 1e6, "0.5 is a good start")
        check(_whole, "mini_batch_size", 1, 100_000, "10 is the chapter's")
        check(_whole, "epochs", 1, 1_000_000, "100 shows the default run whole")
        check(_whole, "seed", 0, 2**63 - 1, "any such number will do")
        check(_choice, "dtype", ("float32", "float64"))
        check(_flag, "expand", "True adds the shifted images")
        check(_choice, "stop_on", ("never", "accuracy", "cost"))
        check(_whole, "patience", 1, 1_000_000, "10 is the chapter's")
        if self.halve_after is not None:
            check(_whole, "halve_after", 1, 1_000_000, "or None to keep the learning rate")
        check(_whole, "max_halvings", 0, 50, "7 is the chapter's, down to 1/128")
        check(_flag, "measure_all", "True measures every training example")
        check(_choice, "evaluate_on", ("validation", "test"))

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


def measured_examples(config: RunConfig, n: int) -> int:
    """How many of n training examples, the first ones, an epoch's training cost and accuracy come from.

    A tenth, but 1,000 at least: to measure all takes up to half as long as to train on them, and the
    gap to validation, often ten points, needs no finer figure. The book's runs measure all.
    """
    return n if config.measure_all else min(n, max(1_000, n // 10))


def lmbda_at(lmbda: float, n_old: int, n_new: int) -> float:
    """The λ that makes a weight decay with n_new examples as λ does with n_old: λ grows with n.

    An update takes ηλ/n of a weight, so λ/n is what must stay: the chapter's 0.1 for 1,000 images
    becomes 5 for 50,000.

    Raises:
        FieldError: for a number of examples below 1.
    """
    for field, n in (("n_old", n_old), ("n_new", n_new)):
        _whole(field, n, 1, 10**12, "count the training examples in use")
    return lmbda * n_new / n_old


def check_against_data(config: RunConfig, n: int) -> None:
    """Refuse what only shows once n, the number of training examples in use, is known.

    L1 is never refused: its step has the same length wherever the weight is, so the penalty alone takes no
    weight beyond the larger of where it was and ηλ/n. See `warnings` for when it is too strong.

    Raises:
        FieldError: for a mini-batch larger than the training set, and for an L2 whose step is so long
            that the weights must diverge (ηλ/n ≥ 2: an update multiplies them by −1 or less).
    """
    if config.mini_batch_size > n:
        raise FieldError(
            "mini_batch_size",
            f"must be at most the number of training examples, {n}, got {config.mini_batch_size}: "
            "take a smaller mini-batch or more examples",
        )
    for member in penalty_of(config, n).members:
        if (problem := member.check(config.learning_rate)) is not None:
            raise FieldError(member.field, problem)


def warnings(config: RunConfig, n: int, features: int | None = None) -> list[str]:
    """What can be trained but is probably not meant, each beginning with the field's name.

    Args:
        config: the run. n: the number of training examples in use.
        features: the number of inputs, where it is known.
    """
    found = []
    for member in penalty_of(config, n).members:
        if (problem := member.warn(config.learning_rate, _largest_gradient(config))) is not None:
            found.append(f"{member.field} {problem}")
    found += _rounded_away("drop_probability", config, config.hidden, "neurons of hidden layer")
    if features is not None:
        found += _rounded_away("input_drop_probability", config, (features,), "inputs")
    return found


def _largest_gradient(config: RunConfig) -> float:
    """Return the largest mean gradient that the data cost can have by a weight of the outputs.

    It is the mean of a δ over the examples: their covariance once the bias has made the mean of δ 0. Neither a
    quantity between 0 and 1 (a sigmoid's activation) nor δ, between −y and 1 − y, can have a standard deviation
    above ½ (Popoviciu 1935); between −1 and 1 (tanh) it is at most 1. Without a bound it is ∞.
    """
    spread = {"sigmoid": 0.5, "tanh": 1.0}.get(config.activation, math.inf) if config.hidden else math.inf
    grown = config.keep_probability if config.dropout_scaling == "inverted" else 1.0
    return spread / grown * 0.5


def _rounded_away(field: str, config: RunConfig, widths: tuple[int, ...], what: str) -> list[str]:
    """Where the exact count rounds a share of few neurons to all of them, or to none."""
    p = getattr(config, field)
    if not p or config.dropout_count != "exact":
        return []
    layers = dict(enumerate(widths, start=1))
    all_of = {layer: width for layer, width in layers.items() if round(p * width) == width}
    none_of = {layer: width for layer, width in layers.items() if round(p * width) == 0}
    found = []
    if all_of:
        below = min((width - 0.5) / width for width in all_of.values())
        found.append(
            f"{field} of {p:g} rounds to every one of {_these(what, all_of)}: nothing gets through; "
            f"{_way_out(f'less than {below:.4g}', all_of)}"
        )
    if none_of:
        above = max(0.5 / width for width in none_of.values())
        found.append(
            f"{field} of {p:g} rounds to none of {_these(what, none_of)}: nothing is dropped; "
            f"{_way_out(f'more than {above:.4g}', none_of)}"
        )
    return found


def _these(what: str, layers: Mapping[int, int]) -> str:
    """As "the 10 neurons of hidden layer 1"; inputs are one layer and have no number."""
    if not what.endswith("layer"):
        return f"the {layers[1]} {what}"
    return " and ".join(f"the {width} {what} {layer}" for layer, width in layers.items())


def _way_out(limit: str, layers: Mapping[int, int]) -> str:
    """What to take instead; one neuron alone is dropped always or never, whatever the share."""
    shares = f"{limit}, " if min(layers.values()) > 1 else ""
    return f"take {shares}more of them, or a coin for each (bernoulli)"


def _short(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # Python writes out no whole number of more than 4,300 digits
        return "a number too long to write"
    return text if len(text) <= 60 else text[:57] + "…"


def _text(field: str, value: object, way_out: str) -> str:
    if not isinstance(value, str) or not value:
        raise FieldError(field, f"must be a name, got {_short(value)}: {way_out}")
    return value


def _flag(field: str, value: object, way_out: str) -> bool:
    if not isinstance(value, bool):
        raise FieldError(field, f"must be True or False, got {_short(value)}: {way_out}")
    return value


def _choice(field: str, value: object, choices: Iterable[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise FieldError(field, f"must be one of {', '.join(choices)}, got {_short(value)}")
    return value


def _finite(value: object) -> float:
    """Any finite real number, NumPy's included, as a plain one; NaN for all else, True and False too."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return math.nan
    try:
        number = float(value)
    except OverflowError:  # 10**400 is a whole number, but no float
        return math.nan
    return number if math.isfinite(number) else math.nan


def _number(field: str, value: object, low: float, high: float, way_out: str) -> float:
    number = _finite(value)
    if not low <= number <= high:
        raise FieldError(field, f"must be a number from {low:g} to {high:g}, got {_short(value)}: {way_out}")
    return number


def _whole(field: str, value: object, low: int, high: int, way_out: str) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool) or not low <= int(value) <= high:
        raise FieldError(field, f"must be a whole number from {low} to {high}, got {_short(value)}: {way_out}")
    return int(value)


def _drop_probability(field: str, value: object) -> float:
    number = _finite(value)
    if not 0 <= number < 1:
        raise FieldError(
            field,
            f"must be in [0, 1), got {_short(value)}: dropping every neuron leaves nothing to learn from",
        )
    return number


def _hidden(field: str, value: object) -> tuple[int, ...]:
    if isinstance(value, str | bytes | Mapping | Set) or not isinstance(value, Iterable):
        raise FieldError(
            "hidden", f"must be a list of widths, got {_short(value)}: write [100] for one layer, [30, 30] for two"
        )
    widths = tuple(islice(value, MAX_LAYERS + 1))
    if len(widths) > MAX_LAYERS:
        raise FieldError("hidden", f"must have at most {MAX_LAYERS} layers, got {_short(value)}: take fewer")
    return tuple(
        _whole("hidden", width, 1, MAX_WIDTH, "give each hidden layer's number of neurons") for width in widths
    )
