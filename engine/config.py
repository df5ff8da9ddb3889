"""The config of a run, with the table of its settings.

A new setting is one field of `RunConfig`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.errors import FieldError, join_names
from engine.families.activations import ACTIVATIONS
from engine.families.costs import COSTS
from engine.families.initializers import INITIALIZERS
from engine.families.penalties.l1 import L1_RULES
from engine.settings.kinds import Choice, Flag, Number, Probability, Share, Text, Whole, Widths, short_repr
from engine.settings.setting import (
    DATA,
    MEASURING,
    NETWORK,
    REGULARIZER,
    TRAINING,
    Setting,
    closest_settings,
    setting,
    settings_of,
)

MAX_LAYERS = 10
MAX_WIDTH = 10_000

DROP_PROBABILITY = Probability(way_out="dropping every neuron leaves nothing to learn from")


def lmbda_setting(**entry: str) -> Any:
    """Declare the λ of a penalty; `entry` are label, symbol, mark and help. By default there is no penalty."""
    kind = Number(0, 1e6, "0 switches the penalty off")
    return setting(0.0, kind, group=REGULARIZER, widget="steps", changeable=True, **entry)


@dataclass(frozen=True)
class RunConfig:
    """The settings of a run. The same config gives the same numbers.

    Every field is checked when the config is created; an invalid value raises `FieldError`. λ and η are defined as in
    the chapter, see `docs/engine.md`.

    By default all training examples are used, and there is no label noise, no penalty and no dropout.
    """

    dataset: str = setting(
        "digits",  # bundled: the first run needs no download
        Text("use an available one, such as digits"),
        label="Data set",
        group=DATA,
        widget="dropdown",
        help="The data that the network learns from. For your own data, links and stored runs contain only the name.",
    )
    train_size: int | None = setting(
        None,  # own data are used whole
        Whole(1, 10_000_000, "or None for all of them", none="all"),
        label="Training examples",
        symbol="examples",
        group=DATA,
        widget="steps",
        help="The number of training examples. A network memorizes few examples easily.",
    )
    validation_share: float | None = setting(
        None,  # the data set's own split, as in the literature
        Share(0.01, 0.9, "or None for the data set's own split", none="none", none_text="as in the data set"),
        label="Validation share",
        group=DATA,
        widget="steps",
        help="The share of training and validation examples together that is used for validation. "
        "The first training examples stay the same.",
    )
    label_noise: float = setting(
        0.0,  # labels are corrupted only on request
        Share(0, 0.5, "above half most labels would be wrong"),
        label="Corrupted labels",
        group=DATA,
        widget="slider",
        help="The share of training labels replaced by a wrong one, drawn from the seed. "
        "The network can only memorize them; validation labels stay right.",
    )
    pixel_noise: float = setting(
        0.0,  # inputs are disturbed only on request
        Number(0, 1, "at 1 an image is hardly visible; 0 switches the noise off"),
        label="Noise on the inputs",
        group=DATA,
        widget="slider",
        help="The standard deviation of Gaussian noise on the training inputs, drawn from the seed.",
    )
    data_noise: float = setting(
        0.2,  # 100 points of the circles are overfitted at this level: accuracy falls from 95 to 85 %
        Number(0, 0.5, "at 0.5 the shape is hardly visible"),
        label="Noise of the points",
        group=DATA,
        widget="slider",
        help="The standard deviation of the points of a generated set around its shape, which is about 2 wide. "
        "It applies to training and validation points.",
    )
    blob_classes: int = setting(
        3,  # the smallest number of classes with boundaries that meet in a point
        Whole(2, 6, "more blobs would overlap"),
        label="Classes",
        group=DATA,
        widget="number",
        help="The number of classes of the set blobs, one blob for each.",
    )
    hidden: tuple[int, ...] = setting(
        (100,),  # wide enough to memorize 500 examples
        Widths(MAX_LAYERS, Whole(1, MAX_WIDTH, "give each hidden layer's number of neurons")),
        label="Hidden layers",
        group=NETWORK,
        widget="text",
        help="The number of neurons of each hidden layer, as 100 or 30, 30, or none.",
    )
    activation: str = setting(
        "sigmoid",  # the chapter's
        Choice(ACTIVATIONS),
        label="Activation",
        group=NETWORK,
        widget="dropdown",
        help="The function of a hidden neuron's weighted input. The chapter's is the sigmoid.",
    )
    cost: str = setting(
        "cross-entropy",  # learns fast even from very wrong outputs
        Choice(COSTS),
        label="Cost",
        group=NETWORK,
        widget="dropdown",
        help="The function that training minimizes. From very wrong outputs cross-entropy learns fast, the quadratic "
        "cost slowly. The log-likelihood has softmax outputs.",
    )
    initializer: str = setting(
        "scaled",  # the chapter's improved start
        Choice(INITIALIZERS),
        label="Initial weights",
        symbol="initial weights",
        group=NETWORK,
        help="The distribution of the initial weights. Scaled: standard deviation 1/√(number of inputs); large: 1.",
    )
    l2: float = lmbda_setting(
        label="λ of L2",
        symbol="L2 λ",
        mark="λ of L2",
        help="The chapter's λ of L2; 0 is off. One update shrinks every weight by the share ηλ/n. "
        "L2 and L1 together are the elastic net.",
    )
    l1: float = lmbda_setting(
        label="λ of L1",
        symbol="L1 λ",
        mark="λ of L1",
        help="The chapter's λ of L1; 0 is off. One update shrinks every weight by the amount ηλ/n.",
    )
    l1_rule: str = setting(
        "subgradient",  # the chapter's
        Choice(L1_RULES),
        label="Rule of L1",
        symbol="L1",
        mark="L1 rule",
        group=REGULARIZER,
        widget="buttons",
        changeable=True,
        help="The step of L1 near 0. With the chapter's sub-gradient weights oscillate around 0. Clip stops a weight "
        "at 0 when it would cross it. Proximal takes ηλ/n off after the data's step and stops at 0: many weights "
        "are then exactly 0.",
    )
    group_lasso: float = lmbda_setting(
        label="λ of the group lasso",
        symbol="group lasso λ",
        mark="λ of group lasso",
        help="λ of the group lasso over hidden neurons; 0 is off. One update takes ηλ√n_in/n off the norm of a "
        "neuron's incoming weights, down to exactly 0: whole neurons are switched off.",
    )
    max_norm: float | None = setting(
        None,  # no bound unless requested
        Number(1e-6, 1e6, "or None for no bound", none="none", none_text="off"),
        label="Max-norm",
        symbol="max-norm",
        group=REGULARIZER,
        widget="number",
        changeable=True,
        help="The largest norm of the weights into a hidden neuron. After each update larger norms are scaled back to "
        "it.",
    )
    drop_probability: float = setting(
        0.0,  # no dropout unless requested
        DROP_PROBABILITY,
        label="Dropout",
        symbol="dropout",
        mark="drop",
        option="--drop",
        group=REGULARIZER,
        widget="slider",
        changeable=True,
        help="The share of hidden neurons that is dropped in each mini-batch. 0 switches dropout off.",
    )
    input_drop_probability: float = setting(
        0.0,  # the chapter does not drop inputs
        DROP_PROBABILITY,
        label="Dropout of the inputs",
        symbol="dropout of the inputs",
        mark="drop inputs",
        option="--input-drop",
        group=REGULARIZER,
        widget="slider",
        changeable=True,
        help="The share of inputs that is dropped in each mini-batch. The chapter drops none.",
    )
    dropout_count: str = setting(
        "exact",  # the chapter's
        Choice(("exact", "bernoulli")),
        label="Neurons dropped",
        group=REGULARIZER,
        widget="buttons",
        help="The number of neurons that are dropped. Exact: the same share of each layer in every mini-batch, as in "
        "the chapter. Bernoulli: each neuron independently with the drop probability.",
    )
    dropout_mask: str = setting(
        "mini-batch",  # the chapter's
        Choice(("mini-batch", "example")),
        label="One mask for",
        group=REGULARIZER,
        widget="buttons",
        help="The examples that share a thinned network: a whole mini-batch, as in the chapter, or a single example.",
    )
    dropout_scaling: str = setting(
        "classic",  # the chapter's
        Choice(("classic", "inverted")),
        label="Scaling of dropout",
        group=REGULARIZER,
        widget="buttons",
        help="How dropped neurons are compensated. Classic: the outgoing weights of the full network times the "
        "keep probability, as in the chapter. Inverted: activations divided by it during training.",
    )
    learning_rate: float = setting(
        0.5,  # the chapter's for these networks
        Number(1e-9, 1e6, "0.5 is a good start"),
        label="Learning rate η",
        symbol="η",
        option="--eta",
        group=TRAINING,
        widget="steps",
        changeable=True,
        help="The length of an update. If it is too large, the cost jumps; if it is too small, training is slow.",
    )
    mini_batch_size: int = setting(
        10,  # small enough that the noise of SGD shows in the curve
        Whole(1, 100_000, "10 is the chapter's"),
        label="Mini-batch",
        symbol="mini-batch",
        option="--batch-size",
        group=TRAINING,
        widget="number",
        help="The number of examples in one update.",
    )
    epochs: int = setting(
        100,  # enough to memorize 500 examples
        Whole(1, 1_000_000, "100 is a good start"),
        label="Epochs",
        group=TRAINING,
        widget="number",
        help="The number of passes over all training examples.",
    )
    seed: int = setting(
        1,  # arbitrary
        Whole(0, 2**63 - 1, "for example 1"),
        label="Seed",
        group=TRAINING,
        widget="number",
        help="The same seed gives the same initial weights, order of examples, masks and corrupted labels.",
    )
    dtype: str = setting(
        "float32",  # twice as fast as float64 and exact enough for charts
        Choice(("float32", "float64")),
        label="Precision",
        symbol="precision",
        group=TRAINING,
        help="The floating-point type of weights and inputs.",
    )
    expand: bool = setting(
        False,  # n grows fivefold, and with it the time of an epoch
        Flag("True adds the shifted images"),
        label="Shifted images",
        symbol="shifted images",
        group=TRAINING,
        help="Adds every training image shifted by a pixel in four directions. n grows fivefold.",
    )
    stop_on: str = setting(
        "never",  # the whole curve is shown
        Choice(("never", "accuracy", "cost"), titles={"accuracy": "on accuracy", "cost": "on cost"}),
        label="Early stopping",
        symbol="early stopping",
        group=TRAINING,
        help="Stops the run early when the validation accuracy or cost no longer improves.",
    )
    patience: int = setting(
        10,  # the chapter's no-improvement-in-ten
        Whole(1, 1_000_000, "10 is the chapter's"),
        label="Patience",
        unit="epochs",
        group=TRAINING,
        help="The number of epochs without improvement before the run stops early.",
    )
    halve_after: int | None = setting(
        None,  # a constant learning rate, as in the chapter's runs
        Whole(1, 1_000_000, "or None to keep the learning rate", none="none", none_text="off"),
        label="Halving of η",
        symbol="halve η after",
        unit="epochs",
        group=TRAINING,
        help="The number of epochs without improvement before η is halved.",
    )
    max_halvings: int = setting(
        7,  # the chapter stops when η is 1/128 of its first value
        Whole(0, 50, "7 is the chapter's, down to 1/128"),
        label="Halvings of η at most",
        symbol="halvings of η at most",
        group=TRAINING,
        help="The largest number of halvings of η. The run stops when one more would be due.",
    )
    measure_all: bool = setting(
        False,  # a tenth is accurate enough, and measuring all takes long: see `measured_examples`
        Flag("True measures every training example"),
        label="Measuring all training examples",
        symbol="measuring all training examples",
        group=MEASURING,
        help="Measures training cost and accuracy on all training examples after each epoch. "
        "Otherwise on a tenth of them, but at least 1,000.",
    )
    evaluate_on: str = setting(
        "validation",  # the test set is kept for the end
        Choice(("validation", "test")),
        label="Evaluated on",
        symbol="evaluated on",
        group=MEASURING,
        help="The examples on which accuracy and cost are measured, besides the training examples. "
        "Test selects the test set, as in the book's plots.",
    )

    def __post_init__(self) -> None:
        for name, entry in SETTINGS.items():
            # plain Python values: NumPy's numbers cannot be written as JSON
            object.__setattr__(self, name, entry.check(getattr(self, name)))

    @classmethod
    def demo(cls, **changes: Any) -> RunConfig:
        """Return the demonstration, with some fields changed. Raises `FieldError`.

        The page starts with one regularizer of it, see `engine.analysis.suggested.suited_config`.
        """
        return cls(**{**DEMO, **changes})

    @property
    def keep_probability(self) -> float:
        """1 − drop_probability, the share of hidden neurons that train on a mini-batch."""
        return 1.0 - self.drop_probability

    def to_dict(self) -> dict[str, Any]:
        """Return the settings in plain JSON types, for `from_dict`."""
        return {**asdict(self), "hidden": list(self.hidden)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """Return a config from plain JSON types; a missing field has its default.

        Raises:
            FieldError: for an unknown field or an invalid value.
        """
        if not isinstance(values, Mapping):
            raise FieldError("config", f"must be a table of fields and values, got {short_repr(values)}")
        for name in values:
            if name not in SETTINGS:
                suggestions = closest_settings(str(name), SETTINGS)
                hint = f"did you mean {join_names(suggestions)}? Use" if suggestions else "use"
                raise FieldError(f"{name!s:.60}", f"is not a field of a run: {hint} one of {', '.join(SETTINGS)}")
        return cls(**values)


# The settings of a run by name, in the order of the fields.
SETTINGS: Mapping[str, Setting] = settings_of(RunConfig)

# The demonstration shows the purpose of regularization within a second of training. The network is wide enough to
# memorize the examples, some labels are wrong, and L2 and dropout keep the network from memorizing the wrong labels.
DEMO: Mapping[str, Any] = {
    "train_size": 500,  # few enough to overfit
    "label_noise": 0.3,  # enough wrong labels that memorizing them shows in the validation accuracy
    "l2": 1.0,  # memorized wrong labels fall from 60 to 5 %
    "drop_probability": 0.5,  # the chapter's half
}
