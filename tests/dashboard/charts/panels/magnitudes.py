"""Telemetry of trained runs for the panels of weight magnitudes."""

from __future__ import annotations

import io

import numpy as np

from engine import RunConfig, Training, dataset_of, select
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Command, RunSetup, Verb
from engine.runs.worker.channel import receive
from engine.runs.worker.worker import Worker
from tests.dashboard.watching import CONFIGS, config_of

# Configs for which these panels differ.
RUN_KINDS = {
    **{name: config_of(name) for name in CONFIGS},
    "clip": config_of("L1", l1_rule="clip"),
    "proximal": config_of("L1", l1_rule="proximal"),
    "max-norm": config_of("default", max_norm=2.0),
    "halving": config_of("default", halve_after=1),
}


def telemetry_after(config: RunConfig, steps: int, *, changed: dict[str, float] | None = None) -> Telemetry:
    """Return the telemetry of a watched run after `steps` updates, with a live change after half of them."""
    out = io.BytesIO()
    worker = Worker(RunSetup(config.to_dict(), watched_extracts=("weights", "then")), out)
    for _ in range(steps // 2):
        worker.apply(Command(Verb.STEP))
    if changed:
        worker.apply(Command(Verb.CHANGE, changed))
    for _ in range(steps - steps // 2):
        worker.apply(Command(Verb.STEP))
    out.seek(0)
    telemetry = Telemetry()
    while out.tell() < len(out.getvalue()):
        telemetry.add_report(receive(out))
    return telemetry


def parameters_after(config: RunConfig, epochs: int) -> list[np.ndarray]:
    """Return the weights of each layer of an unwatched run after `epochs` epochs."""
    training = Training(config, select(config, dataset_of(config)))
    for _ in range(epochs):
        training.run(training.steps_per_epoch)
    return training.parameters.weights
