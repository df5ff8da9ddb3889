"""A run at one step: all that the views of a board are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from numpy import ndarray as Array

from engine.config import RunConfig
from engine.data import RunData
from engine.learning.checkpoint import Change, Checkpoint, config_at
from engine.learning.dropout import keep_probabilities
from engine.learning.early_stopping import EarlyStopping
from engine.learning.network import Architecture, Parameters, initial_parameters, scaled_for_inference
from engine.runs.extracts.masks import times_trained


@dataclass(frozen=True)
class RunState:
    """A run at one step. Nothing in it is being trained while a view is made.

    Attributes:
        current_config: the config in force, live changes included.
        initial_config: the config the run started with. changes: what was changed up to this step.
        data: what it trains on.
        parameters: as trained after `step` updates.
        step: updates done.
        halvings: how often the schedule has halved the learning rate.
        trained: for each hidden layer, how many mini-batches each neuron has trained on (n,).
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
        """η as it is now: the config's, halved as often as the schedule has."""
        return self.current_config.learning_rate * 0.5**self.halvings

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.data.n // self.current_config.mini_batch_size)

    @property
    def epoch(self) -> float:
        """How many epochs are done, parts of one included."""
        return self.step / self.steps_per_epoch

    @cached_property
    def architecture(self) -> Architecture:
        return Architecture.of(self.current_config)

    @cached_property
    def initial(self) -> Parameters:
        """What the run started from."""
        return initial_parameters(self.initial_config, self.data.dataset.features, self.data.dataset.classes)

    @cached_property
    def full(self) -> Parameters:
        """The full network as it answers: with classic dropout scaling, outgoing weights × keep."""
        if self.current_config.dropout_scaling == "inverted":
            return self.parameters
        return scaled_for_inference(
            self.parameters, keep_probabilities(self.current_config, len(self.parameters.weights))
        )

    def at(self, step: int, changes: tuple[Change, ...]) -> RunState:
        """The run at a later step with these weights: for what is made from masks alone."""
        between = range(self.step + 1, step + 1)
        trained = tuple(
            counts + times_trained(self.initial_config, changes, self.data.n, layer, between)
            for layer, counts in enumerate(self.trained, start=1)
        )
        config = config_at(self.initial_config, changes, step + 1)
        return replace(self, step=step, changes=changes, current_config=config, trained=trained)

    def checkpoint(self) -> Checkpoint:
        """To go on from with `Training.resume`, at the config in force."""
        return Checkpoint(
            self.current_config, (), self.step, self.parameters.flat.copy(), EarlyStopping(halvings=self.halvings)
        )
