"""Telemetry of watched runs without a process: the worker writes its reports to memory."""

from __future__ import annotations

import io
from base64 import b64decode
from typing import Any

import numpy as np

from engine import RunConfig
from engine.runs.extracts import EXTRACTS
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Command, Report, RunSetup, Verb
from engine.runs.server.run import Run
from engine.runs.worker.channel import receive
from engine.runs.worker.worker import Worker

# Kinds of runs that every figure must support, as changes to the demonstration.
CONFIGS = {
    "default": {},
    "no hidden layer": {"hidden": ()},
    "three hidden layers": {"hidden": (12, 9, 5)},
    "more layers than colours": {"hidden": (4, 4, 4, 4, 4)},
    "wide": {"hidden": (500,)},
    "no noise": {"label_noise": 0.0},
    "noise that falls on no example": {"label_noise": 0.01},
    "no penalty": {"l2": 0.0},
    "L1": {"l2": 0.0, "l1": 1.0},
    "L1 and L2": {"l1": 0.5},
    "no dropout": {"drop_probability": 0.0},
    "a mask for each example": {"dropout_mask": "example", "hidden": (7, 4)},
    "two features": {"dataset": "spirals", "label_noise": 0.1},
    "two features and no noise": {"dataset": "circles", "label_noise": 0.0},
    "two features and six classes": {"dataset": "blobs", "blob_classes": 6},
}


def config_of(name: str, **changes: Any) -> RunConfig:
    return RunConfig.demo(**{"train_size": 40, "hidden": (12,), "epochs": 5, **CONFIGS[name], **changes})


def reports_of(config: RunConfig, steps: int) -> list[Report]:
    """Return the reports of a watched worker on the first updates of a run (at least `steps`), up to a pause."""
    out = io.BytesIO()
    worker = Worker(RunSetup(config.to_dict(), watched_extracts=tuple(EXTRACTS)), out)
    worker.apply(Command(Verb.RESUME))
    while worker.training.step < steps and not worker.training.finished:
        worker.train_slice()
    worker.apply(Command(Verb.PAUSE))
    out.seek(0)
    reports = []
    while out.tell() < len(out.getvalue()):
        reports.append(receive(out))
    return reports


def telemetry_of(config: RunConfig, steps: int = 13) -> Telemetry:
    telemetry = Telemetry()
    for report in reports_of(config, steps):
        telemetry.add_report(report)
    return telemetry


def run_of(config: RunConfig, steps: int = 13) -> Run:
    """Return a run with its telemetry and without a process, as the server has it after the process has ended."""
    run = Run(config, None)
    run.telemetry = telemetry_of(config, steps)
    return run


def decoded(array: Any) -> np.ndarray:
    """Decode an array as plotly.js does: a plain list, or raw bytes in base64 with their type."""
    if isinstance(array, list):
        return np.array(array)
    if array["dtype"] == "bits":
        rows, columns = (int(n) for n in array["shape"].split(","))
        bits = np.unpackbits(np.frombuffer(b64decode(array["bdata"]), np.uint8))
        return bits[: rows * columns].reshape(rows, columns)
    flat = np.frombuffer(b64decode(array["bdata"]), np.dtype("<" + array["dtype"]))
    return flat.reshape([int(n) for n in array["shape"].split(",")]) if "shape" in array else flat
