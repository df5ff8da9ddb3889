"""The accuracy over the mini-batches of each epoch that a worker reports, compared with direct training."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine import FieldError, Training, dataset_of, select
from engine.runs.history.telemetry import MINI_BATCH_ACCURACY, Telemetry
from engine.runs.store.packing import pack, unpack
from engine.runs.store.record import About, Record
from engine.runs.worker.headless import HeadlessRun
from tests.engine.runs.driving import small
from tests.engine.runs.worker.test_magnitudes import telemetry_of


def line_of(telemetry: Telemetry) -> list[tuple[float, float]]:
    x, y = telemetry.over_time[MINI_BATCH_ACCURACY].line()
    return list(zip(x.tolist(), y.tolist(), strict=True))


def test_every_epoch_has_the_accuracy_over_its_mini_batches():
    config = small(epochs=5)
    training, expected = Training(config, select(config, dataset_of(config))), []
    while not training.finished:
        training.run(training.steps_per_epoch)
        expected.append((float(training.epoch), training.mini_batch_accuracy))
    assert line_of(telemetry_of(config)) == expected


@pytest.mark.parametrize(("steps", "examples"), [(13, 30), (10, 100), (0, 0)])
def test_a_checkpoint_with_more_correct_answers_than_examples_is_refused(steps, examples):
    """A file may be forged: the accuracy of its epoch would be above 100 %. 10 mini-batches of 10 are an epoch."""
    config = small(epochs=4)
    data = select(config, dataset_of(config))
    training = Training(config, data)
    training.run(min(steps, 10))
    training.run(steps - training.step)
    checkpoint = training.checkpoint()
    assert Training.resume(replace(checkpoint, epoch_correct=examples), data).checkpoint().epoch_correct == examples
    with pytest.raises(FieldError, match=f"must have 0 to {examples} correct answers .* got {examples + 1}"):
        Training.resume(replace(checkpoint, epoch_correct=examples + 1), data)


def test_without_the_count_of_an_earlier_version_the_epoch_of_the_resumption_is_left_out(tmp_path):
    """Not the accuracy of the part of the epoch after the resumption, which would be too high."""
    config = small(epochs=4)
    training = Training(config, select(config, dataset_of(config)))
    training.run(10)
    training.end_epoch()
    training.run(3)
    about = About(id="0" * 16, initial_config=config, step=13, steps_per_epoch=10)
    record = Record(about, Telemetry(), replace(training.checkpoint(), epoch_correct=None))
    resumed = HeadlessRun(config, tmp_path / "runs.sqlite", unpack(pack(record)))
    for _ in resumed.train():
        pass
    assert resumed.journal is not None
    assert [epoch for epoch, _ in line_of(resumed.journal.telemetry)] == [3.0, 4.0]
