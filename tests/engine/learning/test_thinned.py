"""Training a copy of the kept neurons gives the results of training with masks."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import strategies as st

from engine import Parameters, RunConfig, Training
from engine.families.activations import ACTIVATIONS
from engine.families.costs import COSTS
from engine.families.penalties.l1 import L1_RULES
from engine.learning import sgd
from engine.learning.thinned import ThinnedNetwork, is_thinning_faster
from tests.conftest import fuzz
from tests.engine.toys import run_all, toy_config, toy_training

NETWORKS = st.fixed_dictionaries(
    {
        "hidden": st.lists(st.integers(1, 9), min_size=1, max_size=3),
        "activation": st.sampled_from(sorted(ACTIVATIONS)),
        "cost": st.sampled_from(sorted(COSTS)),
        "seed": st.integers(0, 2**63 - 1),
        "mini_batch_size": st.integers(1, 13),
        "drop_probability": st.sampled_from([0.2, 0.5, 0.9]),
        "dropout_count": st.sampled_from(["exact", "bernoulli"]),
        "dropout_scaling": st.sampled_from(["classic", "inverted"]),
        "input_drop_probability": st.sampled_from([0.0, 0.25]),
        "l2": st.sampled_from([0.0, 1.3]),
        "l1": st.sampled_from([0.0, 0.4]),
        "l1_rule": st.sampled_from(L1_RULES),
        "max_norm": st.sampled_from([None, 0.7]),
    }
)


def training_with(config: RunConfig, cut: bool, monkeypatch: pytest.MonkeyPatch) -> Training:
    monkeypatch.setattr(sgd, "is_thinning_faster", lambda config, sizes: cut and config.drop_probability > 0)
    return toy_training(config)


@fuzz(20, 150, network=NETWORKS)
def test_cut_out_and_masked_training_give_the_same_results(network: dict) -> None:
    config = toy_config(**network, dtype="float64", epochs=3)
    with pytest.MonkeyPatch.context() as monkeypatch:
        cut, masked = (training_with(config, is_cut, monkeypatch) for is_cut in (True, False))
        assert (cut._workspace._thinned is None, masked._workspace._thinned is None) == (False, True)
    while not cut.finished:
        # Each update starts from the same parameters, because rounding errors grow over a run.
        np.copyto(masked.parameters.flat, cut.parameters.flat)
        cut.run(1)
        masked.run(1)
        assert cut.take_costs() == pytest.approx(masked.take_costs(), rel=1e-12, abs=1e-12)
        assert cut.parameters.flat == pytest.approx(masked.parameters.flat, rel=1e-12, abs=1e-12)


def test_putting_back_unchanged_weights_changes_nothing() -> None:
    full = Parameters.empty((5, 6, 4, 3), "float64")
    full.flat[:] = np.random.default_rng(1).normal(size=full.flat.size)
    old = full.flat.copy()
    network = ThinnedNetwork(full, toy_config(drop_probability=0.5))
    for kept in ([[0, 2, 5], [1, 3]], [[], [0]], [range(6), range(4)]):
        small = network.cut_out([np.array(numbers, dtype=np.intp) for numbers in kept])
        assert small.sizes == (5, len(kept[0]), len(kept[1]), 3)
        network.put_back()
        assert full.flat.tobytes() == old.tobytes()


def test_putting_back_changes_only_the_kept_neurons() -> None:
    full = Parameters.empty((5, 6, 4, 3), "float64")
    first, second = np.array([0, 2, 5]), np.array([1, 3])
    network = ThinnedNetwork(full, toy_config(drop_probability=0.5))
    network.cut_out([first, second]).flat.fill(1)
    network.put_back()
    for W, rows, columns in zip(full.weights, (range(5), first, second), (first, second, range(3)), strict=True):
        expected = np.zeros(W.shape)
        expected[np.ix_(list(rows), list(columns))] = 1
        assert (expected == W).all()
    for b, numbers in zip(full.biases, (first, second, range(3)), strict=True):
        assert np.flatnonzero(b).tolist() == list(numbers)


def test_wide_layers_are_cut_out_and_narrow_layers_masked() -> None:
    wide = toy_config(drop_probability=0.5, hidden=(800, 800), mini_batch_size=100)
    assert is_thinning_faster(wide, (784, 800, 800, 10))
    # Measured: these networks are slower if they are cut out.
    for sizes, batch in (
        ((784, 100, 100, 10), 10),
        ((64, 100, 10), 100),
        ((784, 30, 10), 100),
        ((64, 30, 10), 70),
        ((2, 20, 20, 10), 100),
    ):
        assert not is_thinning_faster(toy_config(drop_probability=0.5, mini_batch_size=batch), sizes), (sizes, batch)
    for without in ({"drop_probability": 0.0}, {"drop_probability": 0.5, "dropout_mask": "example"}):
        config = toy_config(hidden=(800, 800), mini_batch_size=100, **without)
        assert not is_thinning_faster(config, (784, 800, 800, 10))


@pytest.mark.parametrize("change", [{}, {"drop_probability": 0.0}, {"drop_probability": 0.2, "l2": 3.0}])
def test_cut_out_runs_can_be_changed_and_resumed_as_masked_runs(change: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    config = toy_config(hidden=(30, 20), drop_probability=0.5, dtype="float64", epochs=4, learning_rate=0.1)
    results = []
    for cut in (True, False):
        with monkeypatch.context() as patch:
            run = training_with(config, cut, patch)
            run.run(3)
            if change:
                run.change(**change)
            run.run(4)
            resumed = Training.resume(run.checkpoint(), run.data)
            for each in (run, resumed):
                run_all(each)
            assert resumed.parameters.flat.tobytes() == run.parameters.flat.tobytes()
            results.append(run.parameters.flat)
    assert results[0] == pytest.approx(results[1], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("change", [{}, {"l2": 1.0}, {"l1": 0.4, "l1_rule": "clip"}, {"l1": 0.4, "l2": 1.0}])
def test_the_memory_of_an_update_does_not_grow_with_the_network(
    cut: bool, change: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = toy_config(hidden=(600, 400), mini_batch_size=4, drop_probability=0.5, epochs=60, **change)
    with monkeypatch.context() as patch:
        run = training_with(config, cut, patch)
        workspace = run._workspace
        run.run(3)  # prepares the first block
        run.run(3)
        tracemalloc.start()
        try:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            for i in (0, 1, 2):
                workspace.update(i, 4)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    # A copy of the weights between the hidden layers would take 2 MB.
    assert peak - before < 64 << 10 < run.parameters.weights[1].nbytes // 20
