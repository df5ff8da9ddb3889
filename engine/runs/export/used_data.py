"""Exports the data of a run, with noise and corrupted labels, as .npz without pickled objects."""

from __future__ import annotations

import io

import numpy as np

from engine.config import RunConfig
from engine.data import RunData, dataset_of, select


def used_data_bytes(config: RunConfig) -> bytes:
    """Return an .npz with the result of `select` for a config.

    `x` (n, features) and `labels` (n,) are the training set, in the order of the engine. `clean_labels` and
    `corrupted` show which labels were replaced. `judge_x` and `judge_labels` are the evaluation set. `classes`
    are the names of the classes.

    Raises:
        FieldError: if the data set is missing.
    """
    dataset = dataset_of(config)
    data: RunData = select(config, dataset)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        allow_pickle=False,
        x=data.x,
        labels=data.labels,
        clean_labels=data.clean_labels,
        corrupted=data.corrupted,
        judge_x=data.evaluation.x,
        judge_labels=data.evaluation.labels,
        classes=np.array(dataset.class_names, dtype=np.str_),
    )
    return buffer.getvalue()
