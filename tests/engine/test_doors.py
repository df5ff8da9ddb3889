"""Public functions refuse invalid arguments with an error about the argument."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine import (
    FieldError,
    Parameters,
    RunConfig,
    Training,
    dataset_of,
    initial_parameters,
    load_dataset,
    masks,
    select,
    train,
)
from tests.engine.toys import toy_config, toy_dataset

CONFIG = toy_config()
DATA = select(CONFIG, toy_dataset())


def parameters_with(value: float) -> Parameters:
    parameters = initial_parameters(CONFIG, 4, 3)
    parameters.flat[7] = value
    return parameters


CALLS: dict[str, tuple[Callable[[], object], str]] = {
    "no config": (lambda: select({"l2": 1}, toy_dataset()), "config must be a RunConfig, got dict"),
    "no data set": (lambda: select(CONFIG, np.zeros((3, 3))), "dataset must be a Dataset, got ndarray"),
    "a name": (lambda: select(CONFIG, "digits"), "dataset must be a Dataset, got str 'digits'"),
    "no data": (lambda: Training(CONFIG, toy_dataset()), "data must be a RunData, got Dataset"),
    "no config to train": (lambda: next(train(None, DATA)), "config must be a RunConfig, got NoneType"),
    "an unknown set": (lambda: load_dataset("cifar"), "dataset must be one of digits"),
    "an own set that is not stored": (
        lambda: load_dataset("own:0000000000000000"),
        "dataset own:0000000000000000 is not on",
    ),
    "no config for a data set": (lambda: dataset_of("moons"), "config must be a RunConfig, got str"),
    "a list for a name": (lambda: load_dataset(["digits"]), "dataset must be one of digits"),
    "another network": (lambda: Training(CONFIG, DATA, parameters=initial_parameters(CONFIG, 5, 3)), "a network of"),
    "another dtype": (
        lambda: Training(CONFIG, DATA, parameters=initial_parameters(toy_config(dtype="float32"), 4, 3)),
        "parameters must be finite float64 numbers, got float32",
    ),
    "NaN weights": (lambda: Training(CONFIG, DATA, parameters=parameters_with(np.nan)), "parameters must be finite"),
    "infinite weights": (
        lambda: Training(CONFIG, DATA, parameters=parameters_with(np.inf)),
        "parameters must be finite",
    ),
    "a flat too short": (lambda: Parameters((4, 5, 3), np.zeros(10)), "flat must have 43 numbers"),
    "no such layer": (lambda: masks(CONFIG, 2, 1), "layer"),
    "no such step": (lambda: masks(CONFIG, 1, 0), "step"),
    "no such field": (lambda: RunConfig.from_dict({"lambda": 1}), "lambda is not a field of a run"),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_invalid_argument_is_refused_with_its_field(name: str) -> None:
    call, message = CALLS[name]
    with pytest.raises(FieldError) as caught:
        call()
    assert message in str(caught.value)
