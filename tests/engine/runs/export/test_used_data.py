"""The exported data of a run: training on the arrays of the file gives the results of the run."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest

from engine import RunConfig, Training, dataset_of, select
from engine.runs.export.used_data import used_data_bytes
from tests.engine.runs.driving import small


@pytest.mark.parametrize(
    "config", [small(pixel_noise=0.2), small(expand=True), RunConfig.demo(dataset="spirals", train_size=60, epochs=3)]
)
def test_training_on_the_exported_arrays_gives_exactly_the_same_costs(config):
    data = select(config, dataset_of(config))
    with np.load(io.BytesIO(used_data_bytes(config)), allow_pickle=False) as file:
        arrays = dict(file)
    exported = replace(
        data,
        x=arrays["x"],
        y=np.eye(len(arrays["classes"]), dtype=config.dtype)[arrays["labels"]],
        evaluation=replace(data.evaluation, x=arrays["judge_x"], labels=arrays["judge_labels"]),
    )
    costs = []
    for part in (data, exported):
        training = Training(config, part)
        while not training.finished:
            training.run(training.steps_per_epoch)
        costs.append((training.take_costs(), training.measure()))
    np.testing.assert_array_equal(costs[0][0], costs[1][0])
    assert costs[0][1] == costs[1][1]


def test_the_file_marks_the_corrupted_labels():
    config = small(label_noise=0.4)
    with np.load(io.BytesIO(used_data_bytes(config)), allow_pickle=False) as file:
        np.testing.assert_array_equal(file["labels"] != file["clean_labels"], file["corrupted"])
        assert file["corrupted"].sum() == 40
        assert [str(name) for name in file["classes"]] == [str(digit) for digit in range(10)]
