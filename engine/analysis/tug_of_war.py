"""Tug of war: the step of the data and the step of the penalty in the next update.

The next mini-batch with its masks goes through a `Workspace` of its own, as in training, once with the penalty and
once without. The difference is the penalty's step, for every penalty: w_next = w + data's step + penalty's step.

The workspace is created for this one mini-batch, which costs little more than the two updates. A `Training` would draw
the initial weights again and prepare a block of 64 mini-batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.data import RunData
from engine.families.penalties import penalty_of
from engine.families.penalties.sum import PenaltySum
from engine.learning.network import Parameters
from engine.learning.schedule import halved_learning_rate, steps_per_epoch
from engine.learning.sgd import Workspace
from engine.randomness import order_of_examples

# Steps are computed in float64, also for a run in float32: a difference of two float32 weights leaves three
# digits of a decay of 5e-5. That takes five arrays as large as the network, too much memory during the training
# of a network with more parameters than this.
MAX_PARAMETERS = 4_000_000


@dataclass(frozen=True)
class NextUpdate:
    """The next update of every weight: float64, one array (n_in, n_out) for each layer.

    Attributes:
        penalties: the penalties in force. learning_rate: η as halved by the schedule.
        before: the weights now.
        data: the data gradient's step, −(η/m) Σ ∂Cx/∂w: exactly 0 for a weight of a dropped neuron.
        before_neuron_steps: the weights before the steps of `PenaltySum.neuron_members`.
        after: the weights after the update.
    """

    penalties: PenaltySum
    learning_rate: float
    before: Sequence[Array]
    data: Sequence[Array]
    before_neuron_steps: Sequence[Array]
    after: Sequence[Array]

    def penalty(self, layer: int) -> Array:
        """Return the penalty's step on a layer: everything but the data's step."""
        return self.after[layer] - self.before[layer] - self.data[layer]


@dataclass(frozen=True)
class MeanSteps:
    """The mean steps of data and penalty on a layer's weights.

    Attributes:
        data: mean |data's step| of a weight. penalty: mean |penalty's step|.
        share: share of the weights with a penalty step larger than the data's step, 0 … 1.
    """

    data: float
    penalty: float
    share: float


DATA = "data"


@dataclass(frozen=True)
class UpdatePart:
    """One step of a weight within an update: w ← factor · w + summand.

    Attributes:
        factor: factor on the weight. summand: number added after that.
        note: the step in words, if the numbers do not show it; else "".
        cause: what makes the step: `DATA`, or the name of a penalty.
    """

    factor: float = 1.0
    summand: float = 0.0
    note: str = ""
    cause: str = ""


@dataclass(frozen=True)
class WeightUpdate:
    """The next update of one weight, as a sequence of steps.

    Attributes:
        w: its value now. parts: the steps of the update. next: its value after them.
        data, penalty: the steps of data and penalty, as in `NextUpdate`; their sum is next − w.
    """

    w: float
    parts: tuple[UpdatePart, ...]
    data: float
    penalty: float
    next: float


@dataclass(frozen=True)
class Candidate:
    """A weight to follow through the whole run.

    Attributes:
        layer: layer of weights, from 0. kind: one of `CANDIDATE_KINDS`.
        row, column: it leads from neuron `row` of the layer below to neuron `column`.
    """

    layer: int
    kind: str
    row: int
    column: int


CANDIDATE_KINDS = ("moving", "largest", "median", "smallest", "silent")
CANDIDATE_LAYERS = 3  # only the first layers have candidates: ten in all is short enough for a menu


def next_update(
    config: RunConfig, data: RunData, parameters: Parameters, step: int, halvings: int = 0
) -> NextUpdate | None:
    """Return update step + 1 of the weights of a run, without changing the run.

    For a finished run it is one more update, with the first mini-batch of one more epoch.

    Args:
        config: the config in force. data: the data of the run.
        parameters: after `step` updates. halvings: halvings of the learning rate by the schedule.

    Returns:
        None for a network of more than `MAX_PARAMETERS` parameters, or if the update gives weights that are not
        finite.
    """
    if parameters.flat.size > MAX_PARAMETERS:
        return None
    learning_rate = halved_learning_rate(config.learning_rate, halvings)
    examples = _next_mini_batch(config, data.n, step)
    before = parameters.flat.astype(np.float64)
    trained = Parameters(parameters.sizes, before.copy())
    float64_config = replace(config, dtype="float64")
    workspace = Workspace(float64_config, parameters.sizes, trained)
    with np.errstate(over="ignore", invalid="ignore"):
        x, y = (part[examples].astype(np.float64) for part in (data.x, data.y))
        workspace.prepare(x, y, np.arange(len(examples)), step + 1)
        workspace.set_step_rule(learning_rate, PenaltySum())
        workspace.update(0, len(examples))
        gradient_step = trained.flat - before
        np.copyto(trained.flat, before)
        penalties = penalty_of(float64_config, data.n)
        workspace.set_step_rule(learning_rate, PenaltySum(penalties.elementwise))
        workspace.update(0, len(examples))
        before_neuron_steps = trained
        if penalties.neuron_members:
            trained = trained.copy()
            scratch = np.empty((penalties.scratch_rows, max(W.size for W in trained.weights)))
            penalties.take_neuron_steps(trained.weights, learning_rate, scratch)
    if not np.isfinite(trained.flat).all() or not np.isfinite(gradient_step).all():
        return None
    return NextUpdate(
        penalties,
        learning_rate,
        Parameters(parameters.sizes, before).weights,
        Parameters(parameters.sizes, gradient_step).weights,
        before_neuron_steps.weights,
        trained.weights,
    )


def mean_steps(update: NextUpdate, layer: int) -> MeanSteps:
    """Return the mean steps of data and penalty on a layer's weights."""
    data, penalty = np.abs(update.data[layer]), np.abs(update.penalty(layer))
    return MeanSteps(float(data.mean()), float(penalty.mean()), float((penalty > data).mean()))


def update_of_weight(update: NextUpdate, layer: int, row: int, column: int) -> WeightUpdate:
    """Return the next update of the weight from neuron `row` to neuron `column` of a layer."""
    position = (row, column)
    w, data = float(update.before[layer][position]), float(update.data[layer][position])
    before_neuron_steps, after = (
        float(update.before_neuron_steps[layer][position]),
        float(update.after[layer][position]),
    )
    parts = _update_parts(update.penalties, update.learning_rate, w, data)
    if after != before_neuron_steps:
        notes = [member.zero_note(before_neuron_steps, after) for member in update.penalties.neuron_members]
        cause = " and ".join(member.name for member in update.penalties.neuron_members)
        parts.append(UpdatePart(after / before_neuron_steps, note=next(filter(None, notes), ""), cause=cause))
    return WeightUpdate(w, tuple(parts), data, after - w - data, after)


def _update_parts(penalties: PenaltySum, learning_rate: float, w: float, data: float) -> list[UpdatePart]:
    """Return the steps of one weight: decays, steps at the old weight, the data's step, and the steps after it."""
    parts, value = [], w
    scratch = {member.field: np.empty(1) for member in penalties.elementwise}
    for member in penalties.elementwise:
        factor = member.decay(learning_rate)
        if factor != 1:
            parts.append(UpdatePart(factor=factor, cause=member.name))
            value *= factor
    for member in penalties.elementwise:
        if member.acts_before:
            shifted = np.array([[w]])
            member.step_before(shifted, learning_rate, scratch[member.field])
            parts.append(UpdatePart(summand=float(shifted[0, 0]) - w, cause=member.name))
            value += parts[-1].summand
    parts.append(UpdatePart(summand=data, cause=DATA))
    value += data
    for member in penalties.elementwise:
        if member.acts_after:
            shrunk = np.array([[value]])
            member.step_after(shrunk, learning_rate, scratch[member.field])
            after = float(shrunk[0, 0])
            if note := member.zero_note(value, after):
                parts.append(UpdatePart(factor=0.0, note=note, cause=member.name))
            elif not member.acts_before:
                parts.append(UpdatePart(summand=after - value, cause=member.name))
            value = after
    return parts


def choose_candidates(initial: Parameters, x: Array) -> tuple[Candidate, ...]:
    """Return the weights to follow through a run, chosen by their initial values and inputs.

    The first is the largest weight from the input with the largest mean square over the examples. Its data gradient is
    the error of a neuron times this input, so it is hardly ever 0, while that of a weight from a pixel that is nearly
    always black is 0 in nearly every mini-batch.

    The others are the largest, the median and the smallest weight by magnitude in each of the first `CANDIDATE_LAYERS`
    layers. If an input is 0 in every example, the largest weight from such an input is added: the data gradient never
    moves it.

    Args:
        initial: the initial parameters. x: the inputs of the run (n, features).
    """
    row = int(np.einsum("ij,ij->j", x, x).argmax())
    candidates = [Candidate(0, "moving", row, int(np.abs(initial.weights[0][row]).argmax()))]
    for layer, W in enumerate(initial.weights[:CANDIDATE_LAYERS]):
        magnitudes = np.abs(W).ravel()
        positions = {
            "largest": int(magnitudes.argmax()),
            "median": int(np.argpartition(magnitudes, len(magnitudes) // 2)[len(magnitudes) // 2]),
            "smallest": int(magnitudes.argmin()),
        }
        candidates += [Candidate(layer, kind, *divmod(position, W.shape[1])) for kind, position in positions.items()]
    zero_inputs = np.flatnonzero(~x.any(axis=0))
    if len(zero_inputs):
        W = initial.weights[0]
        row, column = divmod(int(np.abs(W[zero_inputs]).argmax()), W.shape[1])
        candidates.append(Candidate(0, "silent", int(zero_inputs[row]), column))
    return tuple(candidates)


def _next_mini_batch(config: RunConfig, n: int, step: int) -> Array:
    """Return the indices of the examples of update step + 1."""
    m = config.mini_batch_size
    epoch, index = divmod(step, steps_per_epoch(n, m))
    return order_of_examples(config.seed, epoch + 1, n)[index * m : (index + 1) * m]
