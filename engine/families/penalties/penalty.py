"""The interface of a penalty. By default a penalty has no effect.

n is the number of training examples in use, m the size of a mini-batch, η the learning rate and λ the
chapter's regularization parameter. A matrix W is (n_in, n_out): column j holds the incoming weights of
neuron j. Biases are never penalized.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from numpy import ndarray as Array

CHUNK_WEIGHTS = 1 << 14  # weights that a step handles at once: they stay in the cache between two passes


class Caption(NamedTuple):
    """What to look for in a panel.

    Attributes:
        sentence: a sentence for a run with this penalty alone.
        clause: a short clause that is joined with those of other penalties.
    """

    sentence: str
    clause: str


class DecayStep(NamedTuple):
    """One update of a weight without data gradient: |w| becomes max(|1 − decay_share| · |w| − shift, 0).

    Attributes:
        decay_share: share by which the weight shrinks.
        shift: length that is subtracted from the remaining magnitude.
        max_error: distance from the formula that a weight may have near zero.
        error_cause: the reason for that distance, in words.
    """

    decay_share: float = 0.0
    shift: float = 0.0
    max_error: float = 0.0
    error_cause: str = ""


class UpdateEffect(NamedTuple):
    """The step of one update on a weight without data gradient, and its long-term result.

    Attributes:
        amount: share or length by which the weight shrinks.
        is_relative: True for a share, False for a length.
        formula: `amount` as a formula, such as "ηλ/n".
        milestone: what has happened after `updates`, in words: "A weight halves in".
        updates: number of updates until then; ∞ for never.
        note: remark on the step, in words.
    """

    amount: float
    is_relative: bool
    formula: str
    milestone: str
    updates: float
    note: str = ""


class ZeroTolerance(NamedTuple):
    """The length up to which a weight counts as close to zero.

    Attributes:
        length: in units of a weight.
        is_step: True if it is the length of the penalty's own step.
        symbol: formula of the length, such as "ηλ/n".
        explanation: one sentence that explains the length.
    """

    length: float
    is_step: bool
    symbol: str
    explanation: str


class EquivalentEarlyStopping(NamedTuple):
    """The number of updates after which early stopping has about the same effect as the penalty.

    Attributes:
        updates: number of updates without the penalty.
        formula: `updates` as a formula, such as "n/(ηλ)".
    """

    updates: float
    formula: str


class Penalty:
    """One term of the cost, or one bound, on the weights.

    A subclass sets the class attributes and overrides the methods with another result. `step_before` and
    `step_after` get one layer's matrix at a time and change it in place; scratch is a vector of at least W.size numbers
    that keeps its content from `step_before` to `step_after`.

    Attributes:
        field: config field of its strength; 0 or None switches the penalty off.
        options: config fields of its variants.
        raced_options: for each of `options`, the two or more values that a race compares.
        in_chapter: True if the chapter introduces it.
        name: displayed name. short_name: the same for a narrow row of buttons. summary: its effect, in a sentence.
        symbol: letter of its strength.
        off_value: value of the field without this penalty.
        light_colour, dark_colour: colour of its runs on a light and on a dark background, #RRGGBB.
        dash: dash of its lines, in the format of Plotly. outlined: True if its lines need a dark edge.
        demo_strength: strength that shows its effect on 500 of the bundled digits with 30 % wrong labels; None for a
            bound.
        adds_cost: True if it adds to the cost.
        elementwise: True if the step of a weight depends on that weight alone.
        acts_before, acts_after: True if `step_before`, and if `step_after`, does anything.
        hidden_layers_only: True if it concerns only weights into hidden neurons.
        exact_zeros: True if its step leaves weights at exactly zero.
        zero_neurons: True if it leaves all incoming weights of a neuron at exactly zero at once.
        step_phrase: what an update does, as a verb phrase without subject. Needed if `effect` returns None.
        captions: what to look for, by the name of a panel.
    """

    field: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ()
    raced_options: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    in_chapter: ClassVar[bool] = False
    name: ClassVar[str]
    short_name: ClassVar[str]
    summary: ClassVar[str]
    symbol: ClassVar[str] = "λ"
    off_value: ClassVar[float | None] = 0.0
    light_colour: ClassVar[str]
    dark_colour: ClassVar[str]
    dash: ClassVar[str] = "solid"
    outlined: ClassVar[bool] = False
    demo_strength: ClassVar[float | None] = None
    adds_cost: ClassVar[bool] = True
    elementwise: ClassVar[bool] = True
    acts_before: ClassVar[bool] = False
    acts_after: ClassVar[bool] = False
    hidden_layers_only: ClassVar[bool] = False
    exact_zeros: ClassVar[bool] = False
    zero_neurons: ClassVar[bool] = False
    step_phrase: ClassVar[str] = ""
    captions: ClassVar[Mapping[str, Caption]] = {}

    def __init__(self, strength: float, n: int) -> None:
        self.strength, self.n = strength, n

    @classmethod
    def of(cls, strength: float, n: int, **options: str) -> Penalty:
        """Return the member for a strength, n training examples and the values of `options`."""
        return cls(strength, n)

    # the cost and the update

    def value(self, weights: Sequence[Array], flat: Array) -> float:
        """Return the penalty's part of the cost, in units of cost per training example.

        Args:
            weights: every layer's matrix. flat: the same weights as one vector.
        """
        return 0.0

    def decay(self, learning_rate: float) -> float:
        """Return the factor on the old weight, applied together with the data gradient's step."""
        return 1.0

    def step_before(self, W: Array, learning_rate: float, scratch: Array) -> None:
        """Take the explicit step at the old weights."""

    def step_after(self, W: Array, learning_rate: float, scratch: Array) -> None:
        """Take the step that follows the data gradient's step."""

    # limits

    def check(self, learning_rate: float) -> str | None:
        """Return why the penalty's step diverges and what to change; None if it does not diverge."""
        return None

    def warning(self, learning_rate: float, largest_gradient: float) -> str | None:
        """Return a warning of a strength that is probably a mistake, or None.

        Args:
            largest_gradient: bound on the mean gradient of the data cost by an output weight.
        """
        return None

    # its effect, in numbers and words

    def decay_step(self, learning_rate: float) -> DecayStep | str:
        """Return one update of a weight without data gradient, or why there is no formula for it."""
        return DecayStep()

    def effect(self, learning_rate: float) -> UpdateEffect | None:
        """Return the step on one weight; None if it is not the same for all weights."""
        return None

    def zero_tolerance(self, learning_rate: float) -> ZeroTolerance | None:
        """Return the length up to which a weight counts as close to zero, or None."""
        return None

    def equivalent_early_stopping(self, learning_rate: float) -> EquivalentEarlyStopping | None:
        """Return the early stopping with about the same effect as the penalty; None if there is no such rule."""
        return None

    def zero_note(self, weight_before: float, weight_after: float) -> str:
        """Return a note on the step of `step_after` on one weight, or "" if the numbers show it.

        Args:
            weight_before: the weight before `step_after`. weight_after: the weight after it.
        """
        return ""

    # the same in other libraries: None or "" if a library has no equivalent

    rule_note: ClassVar[str] = ""  # added if a library has only the standard rule of this penalty

    def network2_terms(self) -> tuple[str, str] | None:
        """Return (factor on w, summand) of the update in Nielsen's `network2.py`, as code."""
        return None

    def network2_lmbda(self) -> float | None:
        """Return the `lmbda` of `net.SGD` in Nielsen's `network2.py`; None if its update has no such step."""
        return None

    def keras_arguments(self) -> dict[str, float] | None:
        """Return the arguments of `keras.regularizers.L1L2`."""
        return None

    def keras_constraint(self) -> str:
        """Return the `kernel_constraint` of a Keras layer, as code."""
        return ""

    def pytorch_decay(self) -> float:
        """Return the `weight_decay` of `torch.optim.SGD`."""
        return 0.0

    def pytorch_loss(self) -> tuple[str, str] | None:
        """Return (formula, code) of the term that is added to a PyTorch loss."""
        return None

    def pytorch_step(self, learning_rate: float) -> str:
        """Return the statement for each weight matrix W after a step of PyTorch's optimizer, as code."""
        return ""

    def sklearn_alpha(self, mini_batch_size: int) -> float | None:
        """Return the `alpha` of scikit-learn's `MLPClassifier` with solver "sgd"."""
        return None

    def playground_setting(self) -> tuple[str, float] | None:
        """Return (name, rate) of TensorFlow Playground's regularization."""
        return None


def number_as_code(value: float) -> str:
    """Return a number as code, without the rounding errors of floating-point numbers."""
    return f"{value:.12g}"


def lowercase_unless_acronym(name: str) -> str:
    """Return a name as written inside a sentence: "Max-norm" becomes "max-norm", "L1" stays "L1"."""
    return name[0].lower() + name[1:] if name[1:2].islower() else name


def weight_chunks(W: Array, scratch: Array) -> Iterator[tuple[Array, Array]]:
    """Yield the weights in chunks with their scratch, so that several passes read memory only once."""
    w = W.reshape(-1)
    if len(w) <= CHUNK_WEIGHTS:
        yield w, scratch[: len(w)]
    else:
        for start in range(0, len(w), CHUNK_WEIGHTS):
            yield w[start : start + CHUNK_WEIGHTS], scratch[start : start + CHUNK_WEIGHTS][: len(w) - start]
