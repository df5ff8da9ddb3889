"""Runs trained into a store, and the comparison of two of them."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from engine import RunConfig
from engine.runs import states
from engine.runs.messages import Command, RunSetup, Verb
from engine.runs.store.packing import pack
from engine.runs.store.record import Record, new_id
from engine.runs.store.store import Store
from engine.runs.worker.worker import Worker
from tests.engine.runs.driving import small

CHANGES = {5: {"l2": 0.0}, 12: {"learning_rate": 0.25, "drop_probability": 0.0}}


def train_run(
    store: Store,
    config: RunConfig | None = None,
    until: int | None = None,
    record: Record | None = None,
    changes: dict[int, dict[str, Any]] | None = None,
) -> str:
    """Train a run with a worker in this process and write it to the store; return its id.

    Args:
        until: the step to stop at; the run is then left as by `kill -9`. None trains to the end.
        record: a stored run to resume.
        changes: the live changes, by the step before which they are made.
    """
    config = config or small()
    run_id = record.about.id if record else new_id()
    about = {"id": run_id, "created": 1.0}
    packed = pack(record) if record else None
    out = io.BytesIO()
    worker = Worker(RunSetup(config.to_dict(), about_fields=about, store_path=store.path, packed_record=packed), out)
    worker.apply(Command(Verb.RESUME))
    for step, fields in (changes or {}).items():
        advance(worker, step)
        worker.apply(Command(Verb.CHANGE, fields))
    if until is None:
        while worker.state == states.RUNNING:
            worker.train_slice()
    else:
        advance(worker, until)
        worker.send_report()
        worker.write_if_due(now=True)
    assert worker.journal is not None
    worker.journal.close()
    return run_id


def advance(worker: Worker, step: int) -> None:
    """Train until `step`, or to the end of the run."""
    while worker.training.step < step and not worker.training.finished:
        worker.advance(step - worker.training.step)


def assert_same_run(one: Record, other: Record) -> None:
    """Assert that the results of two runs are equal, to the last bit."""
    first, second = pack(one), pack(other)
    assert first["series"].keys() == second["series"].keys()
    for name, array in first["series"].items():
        np.testing.assert_array_equal(array, second["series"][name], err_msg=name)
    checkpoint, other_checkpoint = first["checkpoint"], second["checkpoint"]
    for name in ("flat", "trained", "best"):
        np.testing.assert_array_equal(checkpoint[name], other_checkpoint[name], err_msg=name)
    assert (checkpoint["step"], checkpoint["vigil"]) == (other_checkpoint["step"], other_checkpoint["vigil"])
    assert one.telemetry.changes == other.telemetry.changes
    assert (one.about.state, one.about.metrics) == (other.about.state, other.about.metrics)


def overwrite_half(path: Path) -> bytes:
    """Overwrite the first half of a file with random bytes, and return the new content."""
    content = bytearray(path.read_bytes())
    content[: len(content) // 2] = os.urandom(len(content) // 2)
    path.write_bytes(content)
    return bytes(content)
