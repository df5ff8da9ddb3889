"""Weight files that version 0.1.0 saved can be loaded."""

from __future__ import annotations

import pytest

from engine import RunConfig, Training, dataset_of, select
from tests.compatibility import places
from tests.compatibility.results import FOLDER, differences, recorded, sha256, snapshot_values, trained_differences

EXPECTED = recorded("weights.json")
ENDINGS = ("npz", "safetensors")


@pytest.mark.parametrize("ending", ENDINGS)
def test_saved_weights_are_loaded_as_recorded(ending: str) -> None:
    parameters, config = places.load_weights(FOLDER / f"weights.{ending}")
    arrays = {f"W{layer}": sha256(W) for layer, W in enumerate(parameters.weights, start=1)}
    arrays |= {f"b{layer}": sha256(b) for layer, b in enumerate(parameters.biases, start=1)}
    found = {
        "config": config.to_dict(),
        "sizes": list(parameters.sizes),
        "dtype": parameters.flat.dtype.name,
        "parameters_sha256": sha256(parameters.flat),
        "arrays": arrays,
    }
    assert differences({key: EXPECTED[key] for key in found}, found) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_network_of_saved_weights_gives_the_recorded_costs(ending: str) -> None:
    parameters, _ = places.load_weights(FOLDER / f"weights.{ending}")
    config = RunConfig.from_dict(EXPECTED["config"])
    training = Training(config, select(config, dataset_of(config)), parameters=parameters)
    assert trained_differences(EXPECTED["measured"], snapshot_values(training.measure()), EXPECTED["dtype"]) == []
