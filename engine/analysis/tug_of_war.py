"""Tug of war: the step of the data and the step of the penalty in the next update.

The next mini-batch with its masks goes through a `Workspace` of its own, as in training, once with the penalty and
once without. The difference is the penalty's step, whatever the penalty: w_next = w + data's step + penalty's step.

A workspace is made for one mini-batch, because a `Training` would draw the initial weights again and prepare a
block of 64. It costs little more than the two updates.
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
from engine.learning.schedule import halved, steps_per_epoch
from engine.learning.sgd import Workspace
from engine.randomness import order_of_examples

# Steps are computed in float64, also for a run in float32: a difference of two float32 weights leaves three
# digits of a decay of 5e-5. That takes five arrays as large as the network, too much memory beside the training
# of a network with more parameters than this.
MAX_PARAMETERS = 4_000_000


@dataclass(frozen=True)
class NextUpdate:
    """The next update of every weight: float64, one array (n_in, n_out) for each layer.

    Attributes:
        penalties: the penalties in force. learning_rate: η as halved by the schedule.
        before: the weights now.
        data: the data gradient's step, −(η/m) Σ ∂Cx/∂w: exactly 0 for a weight of a dropped neuron.
        unfinished: the weights before the steps of `Sum.whole`, which need all weights of a neuron.
        after: the weights after the update.
    """

    penalties: Sum
    learning_rate: float
    before: Sequence[Array]
    data: Sequence[Array]
    unfinished: Sequence[Array]
    after: Sequence[Array]

    def penalty(self, layer: int) -> Array:
        """Return the penalty's step on a layer: everything but the data's step."""
        return self.after[layer] - self.before[layer] - self.data[layer]


@dataclass(frozen=True)
class Sides:
    """The mean step of each side on a layer's weights.

    Attributes:
        data: mean |data's step| of a weight. penalty: mean |penalty's step|.
        share: share of the weights whose penalty step is the larger one, 0 … 1.
    """

    data: float
    penalty: float
    share: float


@dataclass(frozen=True)
class Move:
    """One of the steps of a weight within an update, in their order.

    Attributes:
        factor: factor on the weight. summand: number added after that.
        note: the step in words, if the numbers do not show it; else "".
    """

    factor: float = 1.0
    summand: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Rule:
    """The next update of one weight, step by step.

    Attributes:
        w: its value now. moves: the steps of the update. next: its value after them.
        data, penalty: the steps of the two sides, as in `NextUpdate`; their sum is next − w.
    """

    w: float
    moves: tuple[Move, ...]
    data: float
    penalty: float
    next: float


@dataclass(frozen=True)
class Candidate:
    """A weight to follow through the whole run.

    Attributes:
        layer: layer of weights, from 0. kind: one of `KINDS`.
        row, column: it leads from neuron `row` of the layer below to neuron `column`.
    """

    layer: int
    kind: str
    row: int
    column: int


KINDS = ("largest", "median", "smallest", "silent")
LAYERS = 3  # only the first layers have candidates: ten in all is short enough for a menu


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
    learning_rate = halved(config.learning_rate, halvings)
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
    """Return the mean steps of data and penalty on a layer's weights."""
    data, penalty = np.abs(update.data[layer]), np.abs(update.penalty(layer))
    return Sides(float(data.mean()), float(penalty.mean()), float((penalty > data).mean()))


def rule(update: NextUpdate, layer: int, row: int, column: int) -> Rule:
    """Return the next update of the weight from neuron `row` to neuron `column` of a layer."""
    at = (row, column)
    w, data = float(update.before[layer][at]), float(update.data[layer][at])
    unfinished, after = float(update.unfinished[layer][at]), float(update.after[layer][at])
    moves = _moves(update.penalties, update.learning_rate, w, data)
    if after != unfinished:
        notes = [member.stop(unfinished, after) for member in update.penalties.whole]
        moves.append(Move(factor=after / unfinished, note=next(filter(None, notes), "")))
    return Rule(w, tuple(moves), data, after - w - data, after)


def _moves(penalties: Sum, learning_rate: float, w: float, data: float) -> list[Move]:
    """Return the steps of one weight: decays, steps at the old weight, the data's step, and the steps after it."""
    moves, now = [], w
    scratch = {member.field: np.empty(1) for member in penalties.elementwise}
    for member in penalties.elementwise:
        factor = member.decay(learning_rate)
        if factor != 1:
            moves.append(Move(factor=factor))
            now *= factor
    for member in penalties.elementwise:
        if member.acts_before:
            pushed = np.array([[w]])
            member.before(pushed, learning_rate, scratch[member.field])
            moves.append(Move(summand=float(pushed[0, 0]) - w))
            now += moves[-1].summand
    moves.append(Move(summand=data))
    now += data
    for member in penalties.elementwise:
        if member.acts_after:
            moved = np.array([[now]])
            member.after(moved, learning_rate, scratch[member.field])
            after = float(moved[0, 0])
            if note := member.stop(now, after):
                moves.append(Move(factor=0.0, note=note))
            elif not member.acts_before:
                moves.append(Move(summand=after - now))
            now = after
    return moves


def candidates(initial: Parameters, x: Array) -> tuple[Candidate, ...]:
    """Return the weights to follow through a run, chosen by their initial values.

    They are the largest, the median and the smallest weight by magnitude in each of the first `LAYERS` layers. If an
    input is 0 in every example, the largest weight from such an input is added: the data gradient never moves it.

    Args:
        initial: the initial parameters. x: the inputs of the run (n, features).
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
    """Return the indices of the examples of update step + 1."""
    m = config.mini_batch_size
    epoch, at = divmod(step, steps_per_epoch(n, m))
    return order_of_examples(config.seed, epoch + 1, n)[at * m : (at + 1) * m]
