"""The data that a run really used, noise and corrupted labels and all, as an .npz that carries no code."""

from __future__ import annotations

import io

import numpy as np

from engine.config import RunConfig
from engine.data import RunData, dataset_of, select


def used_data_bytes(config: RunConfig) -> bytes:
    """An .npz with what `select` gives for a config.

    `x` (n, features) and `labels` (n,) are what is trained on, in the order that the engine's permutations mean;
    `clean_labels` and `corrupted` say which labels were replaced; `judge_x` and `judge_labels` are what the run is
    judged on; `classes` are their names.

    Raises:
        FieldError: where the data set is not there.
    """
    dataset = dataset_of(config)
    data: RunData = select(config, dataset)
    out = io.BytesIO()
    np.savez_compressed(
        out,
        allow_pickle=False,
        x=data.x,
        labels=data.labels,
        clean_labels=data.clean_labels,
        corrupted=data.corrupted,
        judge_x=data.judge.x,
        judge_labels=data.judge.labels,
        classes=np.array(dataset.class_names, dtype=np.str_),
    )
    return out.getvalue()
