"""The interface of a penalty; the defaults are those of a penalty that does nothing.

n is the number of training examples in use, m the size of a mini-batch, η the learning rate and λ the
chapter's regularization parameter. A matrix W is (n_in, n_out): column j holds the incoming weights of
neuron j. Biases are never penalized.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from numpy import ndarray as Array

PART = 1 << 14  # weights that a step handles at once: they stay in the cache between two passes


class Caption(NamedTuple):
    """What to look for in a panel.

    Attributes:
        alone: a sentence for a run with this penalty alone.
        together: a short clause that is joined with those of other penalties.
    """

    alone: str
    together: str


class DecayStep(NamedTuple):
    """One update of a weight without data gradient: |w| becomes max(|1 − taken| · |w| − shift, 0).

    Attributes:
        taken: share that is taken off the weight.
        shift: length that is taken off the rest.
        max_error: distance from the formula that a weight may have near zero.
        error_cause: what keeps the weight at that distance, in words.
    """

    taken: float = 0.0
    shift: float = 0.0
    max_error: float = 0.0
    error_cause: str = ""


class Effect(NamedTuple):
    """The step of one update on a weight without data gradient, and its long-term result.

    Attributes:
        amount: share or length that is taken off the weight.
        relative: True for a share, False for a length.
        formula: `amount` as a formula, such as "ηλ/n".
        milestone: what has happened after `updates`, in words: "A weight halves in".
        updates: number of updates until then; ∞ for never.
        note: remark on the step, in words.
    """

    amount: float
    relative: bool
    formula: str
    milestone: str
    updates: float
    note: str = ""


class Yardstick(NamedTuple):
    """The length up to which a weight counts as close to zero.

    Attributes:
        length: in units of a weight.
        is_step: True if it is the length of the penalty's own step.
        symbol: formula of the length, such as "ηλ/n".
        words: one sentence that explains the length.
    """

    length: float
    is_step: bool
    symbol: str
    words: str


class EquivalentStop(NamedTuple):
    """The number of updates after which early stopping does about the same as the penalty.

    Attributes:
        updates: number of updates without the penalty.
        formula: `updates` as a formula, such as "n/(ηλ)".
    """

    updates: float
    formula: str


class Penalty:
    """One term of the cost, or one bound, on the weights.

    A member of the family sets the class attributes and overrides the methods whose result differs. `before` and
    `after` get one layer's matrix at a time and change it in place; scratch is a vector of at least W.size numbers
    that keeps its content from `before` to `after`.

    Attributes:
        field: config field of its strength; 0 or None switches the penalty off.
        options: config fields of its variants.
        raced_options: for each of `options`, the two or more values that a race compares.
        in_chapter: True if the chapter introduces it.
        name: name for people. short_name: the same in a narrow row of buttons. summary: what it does, in a sentence.
        symbol: letter of its strength.
        off: value of the field without this penalty.
        light, dark: colour of its runs on a light and on a dark ground, #RRGGBB.
        dash: dash of its lines, as Plotly takes it. outlined: True if its lines need a dark edge.
        demo: strength that shows its effect on 500 of the bundled digits with 30 % wrong labels; None for a bound.
        charges: True if it adds to the cost.
        elementwise: True if the step of a weight depends on that weight alone.
        acts_before, acts_after: True if `before`, and if `after`, does anything.
        hidden_only: True if it concerns only weights into hidden neurons.
        exact_zeros: True if its step leaves weights at exactly zero.
        zero_neurons: True if it leaves all incoming weights of a neuron at exactly zero at once.
        about: what an update does, as a verb phrase without subject. Needed if `effect` returns None.
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
    off: ClassVar[float | None] = 0.0
    light: ClassVar[str]
    dark: ClassVar[str]
    dash: ClassVar[str] = "solid"
    outlined: ClassVar[bool] = False
    demo: ClassVar[float | None] = None
    charges: ClassVar[bool] = True
    elementwise: ClassVar[bool] = True
    acts_before: ClassVar[bool] = False
    acts_after: ClassVar[bool] = False
    hidden_only: ClassVar[bool] = False
    exact_zeros: ClassVar[bool] = False
    zero_neurons: ClassVar[bool] = False
    about: ClassVar[str] = ""
    captions: ClassVar[Mapping[str, Caption]] = {}

    def __init__(self, strength: float, n: int) -> None:
        self.strength, self.n = strength, n

    @classmethod
    def of(cls, strength: float, n: int, **options: str) -> Penalty:
        """Return the member for a strength, n training examples and the values of `options`."""
        return cls(strength, n)

    # the cost and the update

    def value(self, weights: Sequence[Array], flat: Array) -> float:
        """Return its part of the cost, in units of cost per training example.

        Args:
            weights: every layer's matrix. flat: the same weights as one vector.
        """
        return 0.0

    def decay(self, learning_rate: float) -> float:
        """Return the factor on the old weight, applied together with the data gradient's step."""
        return 1.0

    def before(self, W: Array, learning_rate: float, scratch: Array) -> None:
        """Take the explicit step at the old weights."""

    def after(self, W: Array, learning_rate: float, scratch: Array) -> None:
        """Take the step that follows the data gradient's step."""

    # limits

    def check(self, learning_rate: float) -> str | None:
        """Return why its step diverges, with the way out; None if it does not."""
        return None

    def warn(self, learning_rate: float, largest_gradient: float) -> str | None:
        """Return a warning of a strength that is probably a mistake, or None.

        Args:
            largest_gradient: bound on the mean gradient of the data cost by an output weight.
        """
        return None

    # its effect, in numbers and words

    def decay_step(self, learning_rate: float) -> DecayStep | str:
        """Return one update of a weight without data gradient, or why there is no formula for it."""
        return DecayStep()

    def effect(self, learning_rate: float) -> Effect | None:
        """Return the step on one weight; None if it is not the same for all weights."""
        return None

    def yardstick(self, learning_rate: float) -> Yardstick | None:
        """Return the length up to which a weight counts as close to zero, or None."""
        return None

    def equivalent_stop(self, learning_rate: float) -> EquivalentStop | None:
        """Return when early stopping does about the same as the penalty; None if there is no such rule."""
        return None

    def stop(self, unpenalized: float, now: float) -> str:
        """Return a note on the step of `after` on one weight, or "" if the numbers show it.

        Args:
            unpenalized: the weight before `after`. now: the weight after it.
        """
        return ""

    # the same in other libraries: None or "" if a library has no equivalent

    rule_note: ClassVar[str] = ""  # added where a library has the plain rule of this penalty only

    def network2(self) -> tuple[str, str] | None:
        """Return (factor on w, summand) of the update in `network2.py`, as code."""
        return None

    def network2_lmbda(self) -> float | None:
        """Return the `lmbda` of `net.SGD` in `network2.py`; None if its own update has no such step."""
        return None

    def keras(self) -> dict[str, float] | None:
        """Return the arguments of `keras.regularizers.L1L2`."""
        return None

    def keras_constraint(self) -> str:
        """Return the `kernel_constraint` of a Keras layer, as code."""
        return ""

    def pytorch_decay(self) -> float:
        """Return the `weight_decay` of `torch.optim.SGD`."""
        return 0.0

    def pytorch_loss(self) -> tuple[str, str] | None:
        """Return (formula, code) of what is added to a PyTorch loss."""
        return None

    def pytorch_after(self, learning_rate: float) -> str:
        """Return the statement for each weight matrix W after a step of PyTorch's optimizer, as code."""
        return ""

    def sklearn_alpha(self, mini_batch_size: int) -> float | None:
        """Return the `alpha` of scikit-learn's `MLPClassifier` with solver "sgd"."""
        return None

    def playground(self) -> tuple[str, float] | None:
        """Return (name, rate) of TensorFlow Playground's regularization."""
        return None


def exact(value: float) -> str:
    """Return a number as code, with the digits that a person would have typed."""
    return f"{value:.12g}"


def in_sentence(name: str) -> str:
    """Return a name as it is written inside a sentence: "Max-norm" as "max-norm", "L1" as it is."""
    return name[0].lower() + name[1:] if name[1:2].islower() else name


def parts(W: Array, scratch: Array) -> Iterator[tuple[Array, Array]]:
    """Yield the weights in parts with their scratch, so that several passes cost one trip to memory."""
    w = W.reshape(-1)
    if len(w) <= PART:
        yield w, scratch[: len(w)]
    else:
        for at in range(0, len(w), PART):
            yield w[at : at + PART], scratch[at : at + PART][: len(w) - at]
