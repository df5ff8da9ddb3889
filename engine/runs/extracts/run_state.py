"""The state of a run at one step, from which every extract is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from numpy import ndarray as Array

from engine.config import RunConfig
from engine.data import RunData
from engine.learning.checkpoint import Change, Checkpoint, config_at
from engine.learning.dropout import inference_parameters
from engine.learning.early_stopping import EarlyStopping
from engine.learning.network import Architecture, Parameters, initial_parameters
from engine.learning.schedule import halved_learning_rate, steps_per_epoch
from engine.runs.extracts.masks import count_trained_batches


@dataclass(frozen=True)
class RunState:
    """The state of a run at one step. It must not change while an extract is computed.

    Attributes:
        current_config: the config in force, with the changes up to this step.
        initial_config: the config the run started with. changes: the changes up to this step.
        data: the data of the run. parameters: the parameters after `step` updates.
        step: updates done.
        halvings: how often the schedule has halved the learning rate.
        training_counts: for each hidden layer, the number of mini-batches each neuron was trained on (n,).
        previous: the parameters one update earlier; None if they are not kept, as at all but slow paces.
    """

    current_config: RunConfig
    initial_config: RunConfig
    changes: tuple[Change, ...]
    data: RunData
    parameters: Parameters
    step: int
    halvings: int = 0
    training_counts: Sequence[Array] = ()
    previous: Parameters | None = None

    @property
    def learning_rate(self) -> float:
        """The current η: the learning rate of the config after the halvings of the schedule."""
        return halved_learning_rate(self.current_config.learning_rate, self.halvings)

    @property
    def steps_per_epoch(self) -> int:
        return steps_per_epoch(self.data.n, self.current_config.mini_batch_size)

    @property
    def epoch(self) -> float:
        """Epochs done, with fractions."""
        return self.step / self.steps_per_epoch

    @cached_property
    def architecture(self) -> Architecture:
        return Architecture.of(self.current_config)

    @cached_property
    def initial_network(self) -> Parameters:
        """The initial parameters."""
        return initial_parameters(self.initial_config, self.data.dataset.features, self.data.dataset.classes)

    @cached_property
    def full_network(self) -> Parameters:
        """The full network for inference: with classic dropout scaling, outgoing weights × keep probability."""
        return inference_parameters(self.current_config, self.parameters)

    def at_later_step(self, step: int, changes: tuple[Change, ...]) -> RunState:
        """Return the state at a later step with unchanged weights, for extracts that need only masks."""
        new_steps = range(self.step + 1, step + 1)
        training_counts = tuple(
            counts + count_trained_batches(self.initial_config, changes, self.data.n, layer, new_steps)
            for layer, counts in enumerate(self.training_counts, start=1)
        )
        config = config_at(self.initial_config, changes, step + 1)
        return replace(self, step=step, changes=changes, current_config=config, training_counts=training_counts)

    def checkpoint(self) -> Checkpoint:
        """Return a checkpoint of the current config, for `Training.resume`."""
        return Checkpoint(
            self.current_config, (), self.step, self.parameters.flat.copy(), EarlyStopping(halvings=self.halvings)
        )
