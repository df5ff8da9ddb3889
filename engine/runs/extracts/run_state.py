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
from engine.runs.extracts.masks import times_trained


@dataclass(frozen=True)
class RunState:
    """The state of a run at one step. It does not change while an extract is computed.

    Attributes:
        current_config: the config in force, live changes included.
        initial_config: the config the run started with. changes: the live changes up to this step.
        data: of the run. parameters: after `step` updates.
        step: updates done.
        halvings: how often the schedule has halved the learning rate.
        trained: for each hidden layer, the number of mini-batches each neuron was trained on (n,).
    """

    current_config: RunConfig
    initial_config: RunConfig
    changes: tuple[Change, ...]
    data: RunData
    parameters: Parameters
    step: int
    halvings: int = 0
    trained: Sequence[Array] = ()

    @property
    def learning_rate(self) -> float:
        """The current η: that of the config, halved as often as the schedule did."""
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
    def initial(self) -> Parameters:
        """The initial parameters."""
        return initial_parameters(self.initial_config, self.data.dataset.features, self.data.dataset.classes)

    @cached_property
    def full(self) -> Parameters:
        """The full network for inference: with classic dropout scaling, outgoing weights × keep probability."""
        return inference_parameters(self.current_config, self.parameters)

    def at(self, step: int, changes: tuple[Change, ...]) -> RunState:
        """Return the state at a later step with these weights, for extracts of masks alone."""
        between = range(self.step + 1, step + 1)
        trained = tuple(
            counts + times_trained(self.initial_config, changes, self.data.n, layer, between)
            for layer, counts in enumerate(self.trained, start=1)
        )
        config = config_at(self.initial_config, changes, step + 1)
        return replace(self, step=step, changes=changes, current_config=config, trained=trained)

    def checkpoint(self) -> Checkpoint:
        """Return a checkpoint of the current config, for `Training.resume`."""
        return Checkpoint(
            self.current_config, (), self.step, self.parameters.flat.copy(), EarlyStopping(halvings=self.halvings)
        )
