"""The tug of war over the weights: what the data and what the penalty will do in the next update.

Asked of the engine itself: the true mini-batch and its true masks go through a `Workspace` of their own, as in
training, once under the whole rule and once with nothing but the data. What the second run lacks
is the penalty's, whichever rule it follows: w_next = w + data's step + penalty's step.

The workspace is made for this one mini-batch alone. A `Training` would draw the initial weights again
and prepare a block of 64; this costs little more than the two updates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.data import RunData
from engine.families.penalties import penalty_of
from engine.families.penalties.sum import Sum
from engine.learning.network import Parameters
from engine.learning.sgd import Workspace
from engine.randomness import order_of_examples

# Steps are worked out in float64, also for a run in float32: a difference of two weights in float32 leaves
# three digits of a decay of 5e-5. That takes five arrays as large as the network, and one with more
# parameters than this should not have them beside its training.
LARGEST = 4_000_000


@dataclass(frozen=True)
class NextUpdate:
    """What the next update does to every weight: float64, one array (n_in, n_out) a layer.

    Attributes:
        penalties: the penalties in force. learning_rate: η as halved by the schedule.
        before: the weights now.
        data: the data gradient's step, −(η/m) Σ ∂Cx/∂w: exactly 0 for a weight of a dropped neuron.
        unfinished: the weights before the steps that need all weights of a neuron, as max-norm.
        after: the weights after the update.
    """

    penalties: Sum
    learning_rate: float
    before: Sequence[Array]
    data: Sequence[Array]
    unfinished: Sequence[Array]
    after: Sequence[Array]

    def penalty(self, layer: int) -> Array:
        """Return all that is not the data's step: decay, pushes, stops at zero, and bounds."""
        return self.after[layer] - self.before[layer] - self.data[layer]


@dataclass(frozen=True)
class Sides:
    """How strongly each side pulls at a layer's weights.

    Attributes:
        data: the mean |data's step| of a weight. penalty: the mean |penalty's step|.
        share: of the weights, 0 … 1, those for which the penalty's step is the larger one.
    """

    data: float
    penalty: float
    share: float


@dataclass(frozen=True)
class Move:
    """One of the steps of a weight within an update, in their order.

    Attributes:
        source: config field of the penalty that takes it, or "data".
        factor: what the weight is multiplied by. summand: what is then added to it.
        note: what happens instead, in words, where numbers do not say it; else "".
    """

    source: str
    factor: float = 1.0
    summand: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Rule:
    """The next update of one weight in numbers.

    Attributes:
        w: its value now. moves: the steps of the update. next: its value after it.
        data, penalty: the two sides, as `NextUpdate` has them; their sum is next − w.
    """

    w: float
    moves: tuple[Move, ...]
    data: float
    penalty: float
    next: float


@dataclass(frozen=True)
class Candidate:
    """A weight worth following, the same from the first update to the last.

    Attributes:
        layer: of weights, from 0. kind: a key of `KINDS`.
        row, column: it leads from neuron `row` of the layer below to neuron `column`.
    """

    layer: int
    kind: str
    row: int
    column: int


KINDS = ("largest", "median", "smallest", "silent")
LAYERS = 3  # the first so many layers have candidates: ten in all, few enough to choose from


def next_update(
    config: RunConfig, data: RunData, parameters: Parameters, step: int, halvings: int = 0
) -> NextUpdate | None:
    """What update step + 1 does to the weights of a run. Nothing of the run is changed.

    A run that is over is answered too: what one more update would do, with the mini-batch that the
    next epoch would begin with.

    Args:
        config: as it is in force. data: what the run trains on.
        parameters: after `step` updates. halvings: of the learning rate by the schedule.

    Returns:
        None for a network of more than `LARGEST` parameters, and where the update gives
        weights that are not finite.
    """
    if parameters.flat.size > LARGEST:
        return None
    learning_rate = config.learning_rate * 0.5**halvings
    rows = _mini_batch(config, data.n, step)
    before = parameters.flat.astype(np.float64)
    moved = Parameters(parameters.sizes, before.copy())
    exact = replace(config, dtype="float64")
    workspace = Workspace(exact, parameters.sizes, moved)
    with np.errstate(over="ignore", invalid="ignore"):
        x, y = (part[rows].astype(np.float64) for part in (data.x, data.y))
        workspace.prepare(x, y, np.arange(len(rows)), step + 1)
        workspace.set_rule(learning_rate, Sum())
        workspace.update(0, len(rows))
        gradient_step = moved.flat - before
        np.copyto(moved.flat, before)
        penalties = penalty_of(exact, data.n)
        workspace.set_rule(learning_rate, Sum(penalties.elementwise))
        workspace.update(0, len(rows))
        unfinished = moved
        if penalties.whole:
            moved = moved.copy()
            scratch = np.empty((penalties.rows, max(W.size for W in moved.weights)))
            penalties.finish(moved.weights, learning_rate, scratch)
    if not np.isfinite(moved.flat).all() or not np.isfinite(gradient_step).all():
        return None
    return NextUpdate(
        penalties,
        learning_rate,
        Parameters(parameters.sizes, before).weights,
        Parameters(parameters.sizes, gradient_step).weights,
        unfinished.weights,
        moved.weights,
    )


def sides(update: NextUpdate, layer: int) -> Sides:
    """Data against penalty over a layer's weights."""
    data, penalty = np.abs(update.data[layer]), np.abs(update.penalty(layer))
    return Sides(float(data.mean()), float(penalty.mean()), float((penalty > data).mean()))


def rule(update: NextUpdate, layer: int, row: int, column: int) -> Rule:
    """Return the next update of the weight from neuron `row` to neuron `column` of a layer."""
    at = (row, column)
    w, data = float(update.before[layer][at]), float(update.data[layer][at])
    unfinished, after = float(update.unfinished[layer][at]), float(update.after[layer][at])
    moves = _moves(update.penalties, update.learning_rate, w, data)
    if after != unfinished:
        names = ", ".join(member.field for member in update.penalties.whole)
        moves.append(Move(names, factor=after / unfinished, note="set to 0" if after == 0 else ""))
    return Rule(w, tuple(moves), data, after - w - data, after)


def _moves(penalties: Sum, learning_rate: float, w: float, data: float) -> list[Move]:
    """The steps of one weight: decays, explicit steps at the old weight, the data's step, and what follows it."""
    moves, now = [], w
    scratch = {member.field: np.empty(1) for member in penalties.elementwise}
    for member in penalties.elementwise:
        factor = member.decay(learning_rate)
        if factor != 1:
            moves.append(Move(member.field, factor=factor))
            now *= factor
    for member in penalties.elementwise:
        if member.acts_before:
            pushed = np.array([[w]])
            member.before(pushed, learning_rate, scratch[member.field])
            moves.append(Move(member.field, summand=float(pushed[0, 0]) - w))
            now += moves[-1].summand
    moves.append(Move("data", summand=data))
    now += data
    for member in penalties.elementwise:
        if member.acts_after:
            moved = np.array([[now]])
            member.after(moved, learning_rate, scratch[member.field])
            after = float(moved[0, 0])
            if note := member.stop(now, after):
                moves.append(Move(member.field, factor=0.0, note=note))
            elif not member.acts_before:
                moves.append(Move(member.field, summand=after - now))
            now = after
    return moves


def candidates(initial: Parameters, x: Array) -> tuple[Candidate, ...]:
    """The weights to follow through a run, chosen by what it started from.

    In each of the first `LAYERS` layers the largest, the median and the smallest weight, by
    magnitude; and in the first layer the largest from an input that is always 0, where there is one: no data
    gradient ever reaches it.

    Args:
        initial: the parameters the run began with. x: its inputs (n, features).
    """
    found = []
    for layer, W in enumerate(initial.weights[:LAYERS]):
        size = np.abs(W).ravel()
        places = {
            "largest": int(size.argmax()),
            "median": int(np.argpartition(size, len(size) // 2)[len(size) // 2]),
            "smallest": int(size.argmin()),
        }
        found += [Candidate(layer, kind, *divmod(place, W.shape[1])) for kind, place in places.items()]
    silent = np.flatnonzero(~x.any(axis=0))
    if len(silent):
        W = initial.weights[0]
        row, column = divmod(int(np.abs(W[silent]).argmax()), W.shape[1])
        found.append(Candidate(0, "silent", int(silent[row]), column))
    return tuple(found)


def _mini_batch(config: RunConfig, n: int, step: int) -> Array:
    """The numbers of the examples of update step + 1."""
    m = config.mini_batch_size
    epoch, at = divmod(step, -(-n // m))
    return order_of_examples(config.seed, epoch + 1, n)[at * m : (at + 1) * m]
