"""The training loop, as a generator of snapshots.

    for snapshot in train(config, data):
        print(snapshot.epoch, snapshot.evaluation.accuracy)

`train` yields after every epoch. `Training` is the same loop as an object: `run(k)` does k updates and returns. This
module does not print, draw, time or save.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.data.checks import check_against_data
from engine.data.selection import RunData, one_hot
from engine.errors import FieldError, check_type
from engine.families.penalties import penalty_of
from engine.learning.checkpoint import Change, Checkpoint, check_changeable
from engine.learning.cost_ledger import CostLedger
from engine.learning.dropout import inference_parameters
from engine.learning.early_stopping import EarlyStopping
from engine.learning.metrics import evaluate, measured_examples, summarize
from engine.learning.network import Architecture, Parameters, initial_parameters, layer_sizes_of
from engine.learning.rollback import Diverged, Rollback
from engine.learning.schedule import halved_learning_rate, steps_per_epoch
from engine.learning.sgd import Workspace
from engine.learning.snapshot import Snapshot
from engine.randomness import order_of_examples


class Training:
    """A run in progress.

    Args:
        config: the initial config.
        data: what `select(config, dataset)` returns.
        parameters: the initial parameters; default drawn from the seed of the config.
        order: epoch (from 1) -> the order of the n examples; default drawn from the seed.
        changes: live changes to apply at their steps.

    Raises:
        FieldError: if the config does not fit the data.

    Attributes:
        initial_config: the config it started with. current_config: the one in force.
        parameters: as trained so far; `run` updates them in place.
        step: updates done. changes: applied so far, in order.
        early_stopping: the state of early stopping and of the learning-rate schedule.
    """

    def __init__(
        self,
        config: RunConfig,
        data: RunData,
        *,
        parameters: Parameters | None = None,
        order: Callable[[int], Array] | None = None,
        changes: Sequence[Change] = (),
    ) -> None:
        check_type("config", config, RunConfig)
        check_type("data", data, RunData)
        check_against_data(config, data.n)
        self.initial_config = self.current_config = config
        self.changes: list[Change] = []
        self.early_stopping = EarlyStopping()
        self._pending_changes = sorted(changes, key=lambda change: change.step)
        self.data = data
        sizes = layer_sizes_of(config, data.dataset.features, data.dataset.classes)
        if parameters is None:
            parameters = initial_parameters(config, data.dataset.features, data.dataset.classes)
        elif parameters.sizes != sizes:
            raise FieldError("parameters", f"must be of a network of {sizes}, got {parameters.sizes}")
        elif parameters.flat.dtype != config.dtype or not np.isfinite(parameters.flat).all():
            raise FieldError("parameters", f"must be finite {config.dtype} numbers, got {parameters.flat.dtype}")
        elif not parameters.flat.flags.c_contiguous or not parameters.flat.flags.writeable:
            raise FieldError("parameters", "must be contiguous and writeable, got a view: use a copy()")
        self.parameters = parameters
        self.architecture = Architecture.of(config)
        self.penalty = penalty_of(config, data.n)
        self.step = 0
        self.steps_per_epoch = steps_per_epoch(data.n, config.mini_batch_size)
        self.total_steps = config.epochs * self.steps_per_epoch
        self._order = order or (lambda epoch: order_of_examples(config.seed, epoch, data.n))
        self._epoch_order: tuple[int, Array] = (0, np.empty(0, np.intp))
        self._workspace = Workspace(config, sizes, parameters)
        self._block_start = self._block_end = 0  # updates done before the block, and at its end
        self._rollback = Rollback(parameters.flat)
        self._costs = CostLedger()
        self._evaluation_y = one_hot(data.evaluation.labels, data.dataset.classes, parameters.flat.dtype)

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return self.step // self.steps_per_epoch

    @property
    def finished(self) -> bool:
        """True if all epochs are done, or if it stopped early for the reason in `early_stopping.stopped`."""
        return self.step >= self.total_steps or self.early_stopping.stopped is not None

    @property
    def learning_rate(self) -> float:
        """η in force: that of the config with the halvings of the schedule."""
        return halved_learning_rate(self.current_config.learning_rate, self.early_stopping.halvings)

    @property
    def best_parameters(self) -> Parameters:
        """The parameters of the best epoch if early stopping is on, else the current ones."""
        best = self.early_stopping.best_flat
        return self.parameters if best is None else Parameters(self.parameters.sizes, best)

    def run(self, steps: int) -> int:
        """Do up to `steps` updates, not past the end of an epoch, and return how many were done.

        Raises:
            Diverged: when a cost or a weight is not finite; the parameters are then the last finite ones.
        """
        if self.finished:
            return 0
        end = min(self.step + steps, (self.epoch + 1) * self.steps_per_epoch, self.total_steps)
        first = self.step
        with np.errstate(over="ignore", invalid="ignore"):  # e^−z may overflow; divergence is detected below
            while self.step < end:
                while self._pending_changes and self._pending_changes[0].step <= self.step:
                    self.change(**self._pending_changes.pop(0).fields)
                if self.step == self._block_end:
                    self._prepare_block()
                stop = min(end, self._block_end, self._pending_changes[0].step if self._pending_changes else end)
                self._update_until(stop)
                if self.step == self._block_end:
                    self._collect_costs()
            self._collect_costs()
        return self.step - first

    def take_costs(self) -> Array:
        """Return the mean data cost of every mini-batch since the last call, "with dropout", as float64.

        The costs are consecutive; the last one belongs to update `step`.
        """
        return self._costs.take()

    @property
    def mini_batch_accuracy(self) -> float:
        """The training accuracy that Keras and fastai print, 0 … 1: of the epoch so far, or that has just ended.

        The correct answers in the mini-batches of the epoch divided by their examples. Each mini-batch is answered in
        the forward pass of its own update: by the thinned network, and by the weights before that update. NaN before
        the first update, and after `resume` in the middle of an epoch from a checkpoint without `epoch_correct`.
        """
        examples, correct = self._examples_of_epoch, self._costs.correct
        return correct / examples if examples and correct is not None else float("nan")

    @property
    def _examples_of_epoch(self) -> int:
        """The examples in the mini-batches of the epoch so far, or of the epoch that has just ended."""
        done = self.step % self.steps_per_epoch or min(self.step, self.steps_per_epoch)
        return min(done * self.current_config.mini_batch_size, self.data.n)

    def change(self, **fields: Any) -> Change:
        """Change the config between two mini-batches, from the next update on.

        Args:
            fields: new values by field, only those in `CHANGEABLE_FIELDS`.

        Raises:
            FieldError: for a field that needs a restart, or an invalid value; nothing is changed then.
        """
        check_changeable(fields)
        config = replace(self.current_config, **fields)
        check_against_data(config, self.data.n)
        with np.errstate(over="ignore", invalid="ignore"):
            self._collect_costs()
        self.current_config = config
        self.penalty = penalty_of(config, self.data.n)
        self._workspace.change(config)
        self._block_start = self._block_end = self.step  # the rest of the block is prepared again
        applied = Change(self.step, {name: getattr(config, name) for name in fields})  # checked, plain values
        self.changes.append(applied)
        return applied

    def checkpoint(self) -> Checkpoint:
        """Return a checkpoint, for `resume`."""
        return Checkpoint(
            self.initial_config,
            tuple(self.changes),
            self.step,
            self.parameters.flat.copy(),
            self.early_stopping,
            self._costs.correct,
        )

    @classmethod
    def resume(
        cls,
        checkpoint: Checkpoint,
        data: RunData,
        *,
        epochs: int | None = None,
        order: Callable[[int], Array] | None = None,
    ) -> Training:
        """Return a run that continues a checkpoint, bit for bit as if it had not been interrupted.

        Args:
            checkpoint: what `checkpoint()` returned. data: of the run.
            epochs: the new number of epochs, counted from the first update of the run; unchanged if None.
            order: the order of examples that the run was given, if any.

        Raises:
            FieldError: for parameters of another network, if the checkpoint is beyond the new last epoch, or has more
                correct answers than examples.
        """
        config = checkpoint.initial_config if epochs is None else replace(checkpoint.initial_config, epochs=epochs)
        training = cls(config, data, order=order)
        if checkpoint.flat.shape != training.parameters.flat.shape:
            raise FieldError(
                "checkpoint", f"must hold {training.parameters.flat.size} parameters, got {checkpoint.flat.size}"
            )
        if epochs is not None and checkpoint.step > training.total_steps:
            checkpoint_epoch = -(-checkpoint.step // training.steps_per_epoch)
            raise FieldError(
                "epochs",
                f"must be at least {checkpoint_epoch}, got {epochs}: the checkpoint is in epoch {checkpoint_epoch}",
            )
        np.copyto(training.parameters.flat, checkpoint.flat)
        for change in checkpoint.changes:
            training.change(**change.fields)
        training.changes = list(checkpoint.changes)
        training.early_stopping = checkpoint.early_stopping
        training.step = training._block_start = training._block_end = checkpoint.step
        correct, examples = checkpoint.epoch_correct, training._examples_of_epoch
        if correct is not None and not 0 <= correct <= examples:
            raise FieldError(
                "checkpoint",
                f"must have 0 to {examples} correct answers in its epoch so far, got {correct}: export it again",
            )
        training._costs = CostLedger(checkpoint.step, correct)
        return training

    def end_epoch(self) -> Snapshot:
        """Measure at the end of an epoch, and update early stopping and the schedule.

        Call it exactly once for each epoch, when the epoch is complete.
        """
        snapshot = self.measure()
        self.early_stopping = self.early_stopping.after_epoch(snapshot, self.current_config, self.parameters.flat)
        return snapshot

    def measure(self) -> Snapshot:
        """Return a snapshot of the full network."""
        config, data = self.current_config, self.data
        measured_count = measured_examples(config, data.n)
        is_corrupted = data.corrupted[:measured_count]
        full = self.inference_parameters()
        with np.errstate(over="ignore", invalid="ignore"):
            costs, correct = evaluate(self.architecture, full, data.x[:measured_count], data.y[:measured_count])
            evaluation = summarize(*evaluate(self.architecture, full, data.evaluation.x, self._evaluation_y))
            penalty = self.penalty.value(self.parameters.weights, self.parameters.flat_weights)
        clean = corrupted = None
        if config.label_noise and is_corrupted.any():
            clean = summarize(costs[~is_corrupted], correct[~is_corrupted])
            corrupted = summarize(costs[is_corrupted], correct[is_corrupted])
        return Snapshot(
            step=self.step,
            epoch=self.epoch,
            training=summarize(costs, correct),
            clean=clean,
            corrupted=corrupted,
            evaluation=evaluation,
            penalty=penalty,
            evaluation_penalty=penalty * data.n / len(data.evaluation.labels),
        )

    def inference_parameters(self) -> Parameters:
        """Return the full network: with classic dropout scaling, outgoing weights × keep probability."""
        return inference_parameters(self.current_config, self.parameters)

    def _prepare_block(self) -> None:
        """Gather the examples and draw the masks of the next mini-batches, within this epoch."""
        epoch, batch_index = divmod(self.step, self.steps_per_epoch)
        if self._epoch_order[0] != epoch + 1:
            self._epoch_order = (epoch + 1, self._check_order(self._order(epoch + 1)))
        count = min(self._workspace.block_length, self.steps_per_epoch - batch_index)
        m = self.current_config.mini_batch_size
        order = self._epoch_order[1][batch_index * m : (batch_index + count) * m]
        self._workspace.prepare(self.data.x, self.data.y, order, self.step + 1)
        self._block_start, self._block_end = self.step, self.step + count
        self._rollback.save(self.step)
        self._costs.start_block(starts_epoch=batch_index == 0)

    def _check_order(self, order: Array) -> Array:
        n = self.data.n
        if order.shape != (n,) or order.min() < 0 or order.max() >= n:
            raise FieldError(
                "order", f"must be a permutation of 0 to {n - 1}, got shape {order.shape}: give each example once"
            )
        return order

    def _update_until(self, end: int) -> None:
        workspace, first = self._workspace, self._block_start
        workspace.set_step_rule(self.learning_rate, self.penalty)
        last_batch_size = self._batch_length(end - 1)
        for step in range(self.step, end - 1):
            workspace.update(step - first, self.current_config.mini_batch_size)
        workspace.update(end - 1 - first, last_batch_size)
        self.step = end

    def _batch_length(self, step: int) -> int:
        """Return m, or the number of the remaining examples for the last mini-batch of an epoch."""
        m = self.current_config.mini_batch_size
        return min(m, self.data.n - (step % self.steps_per_epoch) * m)

    def _collect_costs(self) -> None:
        """Collect the costs of the updates since the last call, and check that they and the parameters are finite.

        Raises:
            Diverged: when they are not; see `_diverge`.
        """
        finite = self._costs.collect(self._block_results, self.step, self._batch_length)
        # a saturated network has finite costs with infinite weights, and no cost follows the last update
        if finite < self.step or not np.isfinite(self.parameters.flat).all():
            self._diverge(finite)

    def _block_results(self, first: int, end: int, batch: int) -> tuple[Array, Array]:
        """Return costs and correct answers of the updates after step `first` up to `end`, all in the current block."""
        indices = first - self._block_start, end - self._block_start
        return self._workspace.costs(*indices, batch), self._workspace.correct_counts(*indices, batch)

    def _diverge(self, end: int) -> None:
        """Return to the last update with a finite cost and finite parameters, and raise `Diverged`.

        Args:
            end: the updates up to this step have finite costs.

        Raises:
            Diverged: always.
        """
        self.step = self._rollback.step
        self.step = self._rollback.restore_last_finite(end, lambda step: self._update_until(step + 1))
        self._costs.drop_after(self.step)
        self._block_start = self._block_end = self.step
        raise Diverged(self.step + 1)


def train(
    config: RunConfig,
    data: RunData,
    *,
    parameters: Parameters | None = None,
    order: Callable[[int], Array] | None = None,
    changes: Sequence[Change] = (),
) -> Iterator[Snapshot]:
    """Train a network and yield a snapshot before the first epoch and after each.

    Args:
        config: the run. data: what `select(config, dataset_of(config))` returns.
        parameters, order, changes: see `Training`.

    Raises:
        FieldError: when the config does not fit the data, before any training.
        Diverged: when a cost or a weight is not finite.
    """
    training = Training(config, data, parameters=parameters, order=order, changes=changes)
    yield training.measure()
    while not training.finished:
        training.run(training.steps_per_epoch)
        yield training.end_epoch()
