"""Checkpoints in files: a resumed run equals the uninterrupted one, and damaged files are refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine import FieldError, RunConfig, Training, dataset_of, select
from engine.runs.export import load_checkpoint, save_checkpoint

CONFIG = RunConfig(train_size=60, hidden=(7,), l1=0.1, drop_probability=0.5, epochs=6, stop_on="accuracy", patience=3)


def trained(config: RunConfig = CONFIG, steps: int = 0, **more) -> Training:
    training = Training(config, select(config, dataset_of(config)), **more)
    advance(training, steps)
    return training


def advance(training: Training, steps: int) -> None:
    """Train up to a step, with the measurements at the ends of epochs."""
    while training.step < steps and not training.finished:
        training.run(steps - training.step)
        if training.step % training.steps_per_epoch == 0:
            training.end_epoch()


@pytest.mark.parametrize("stop_on", ["never", "accuracy", "cost"])
@pytest.mark.parametrize("step", [0, 9, 12])
def test_a_run_resumed_from_a_file_equals_the_uninterrupted_one(step, stop_on, tmp_path):
    config = RunConfig.from_dict(CONFIG.to_dict() | {"stop_on": stop_on})
    uninterrupted = trained(config, steps=20)
    interrupted = trained(config, steps=step)
    save_checkpoint(tmp_path / "run.npz", interrupted.checkpoint())
    resumed = Training.resume(load_checkpoint(tmp_path / "run.npz"), interrupted.data)
    assert resumed.step == step
    assert resumed.mini_batch_accuracy == pytest.approx(interrupted.mini_batch_accuracy, abs=0, nan_ok=True)
    advance(resumed, 20)
    assert resumed.mini_batch_accuracy == uninterrupted.mini_batch_accuracy
    assert resumed.parameters.flat.tobytes() == uninterrupted.parameters.flat.tobytes()
    assert resumed.early_stopping.best == uninterrupted.early_stopping.best
    assert resumed.best_parameters.flat.tobytes() == uninterrupted.best_parameters.flat.tobytes()
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]


def test_live_changes_are_loaded_with_their_steps(tmp_path):
    training = trained(steps=4)
    training.change(l2=0.5, learning_rate=0.25)
    advance(training, 8)
    save_checkpoint(tmp_path / "run.npz", training.checkpoint())
    found = load_checkpoint(tmp_path / "run.npz")
    assert found.initial_config == CONFIG
    assert [(change.step, dict(change.fields)) for change in found.changes] == [(4, {"l2": 0.5, "learning_rate": 0.25})]
    assert Training.resume(found, training.data).current_config == training.current_config


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x00" * 100, b"no archive"])
def test_a_file_without_a_checkpoint_is_refused_with_its_name(content, tmp_path):
    path = tmp_path / "run.npz"
    path.write_bytes(content)
    with pytest.raises(FieldError, match="does not contain a checkpoint") as caught:
        load_checkpoint(path)
    assert caught.value.field == str(path)


STATE = {"best": None, "best_epoch": 0, "waited": 0, "stalled": 0, "halvings": 0, "stopped": None}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("step", -1),
        ("step", True),
        ("step", 1.5),
        ("epoch_correct", -1),
        ("epoch_correct", 0.5),
        ("initial_config", {"hidden": [0]}),
        ("changes", [{"step": 9, "fields": {"l2": 1.0}}]),
        ("changes", [{"step": 1, "fields": {"l2": -1.0}}]),
        ("changes", [{"step": 1, "fields": {"epochs": 3}}]),
        ("early_stopping", {}),
        ("early_stopping", {"best": float("nan"), "stopped": None}),
        ("early_stopping", STATE | {"halvings": 8}),  # max_halvings is 7
        ("early_stopping", STATE | {"halvings": 10**400}),
    ],
)
def test_a_damaged_value_is_refused(key, value, tmp_path):
    path = tmp_path / "run.npz"
    save_checkpoint(path, trained(steps=8).checkpoint())
    with np.load(path) as stored:
        arrays = dict(stored)
    values = json.loads(arrays["checkpoint"].tobytes()) | {key: value}
    arrays["checkpoint"] = np.frombuffer(json.dumps(values).encode(), np.uint8)
    np.savez(path, **arrays)
    with pytest.raises(FieldError, match="does not contain a checkpoint"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    "flat", [np.zeros(3), np.zeros((2, 2), np.float32), np.full(3, np.nan, np.float32), np.zeros(0, object)]
)
def test_weights_of_another_type_or_shape_are_refused(flat, tmp_path):
    path = tmp_path / "run.npz"
    save_checkpoint(path, trained(steps=8).checkpoint())
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez(path, **(arrays | {"flat": flat}))
    with pytest.raises(FieldError, match="does not contain a checkpoint"):
        load_checkpoint(path)


def test_another_ending_is_refused(tmp_path):
    for call in (lambda path: save_checkpoint(path, trained().checkpoint()), load_checkpoint):
        with pytest.raises(FieldError, match=r"must end in \.npz"):
            call(tmp_path / "run.pkl")


@pytest.mark.parametrize("text", ["[" * 200_000, "1" * 5_000])
def test_json_that_python_cannot_read_is_refused(text, tmp_path):
    path = tmp_path / "run.npz"
    np.savez(path, checkpoint=np.frombuffer(text.encode(), np.uint8), flat=np.zeros(3))
    with pytest.raises(FieldError, match=r"run\.npz does not contain a checkpoint"):
        load_checkpoint(path)


def test_the_message_does_not_repeat_a_damaged_file(tmp_path):
    """An archive whose member has another name in its own header: zipfile puts both names into its error."""
    path = tmp_path / "run.npz"
    save_checkpoint(path, trained(steps=8).checkpoint())
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\3\4", content.index(b"flat.npy") - 60)
    content[at + 26 : at + 28] = (4_000).to_bytes(2, "little")  # the length of its name
    path.write_bytes(content)
    with pytest.raises(FieldError) as refused:
        load_checkpoint(path)
    assert len(str(refused.value)) < len(str(path)) + 400
