"""Corrupted labels can only be memorized: MNIST with 30 % label noise, with and without dropout."""

from __future__ import annotations

import pytest

from engine import Dataset, RunConfig, Snapshot, select, train


def last_snapshot(mnist: Dataset, width: int, epochs: int, seed: int, drop_probability: float) -> Snapshot:
    config = RunConfig(
        dataset="mnist",
        train_size=1_000,
        label_noise=0.3,
        hidden=(width,),
        l2=0.0,
        drop_probability=drop_probability,
        learning_rate=0.5,
        mini_batch_size=10,
        epochs=epochs,
        seed=seed,
    )
    *_, snapshot = train(config, select(config, mnist))
    return snapshot


@pytest.mark.slow
@pytest.mark.mnist
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("width", "epochs"), [(30, 60), (100, 40)])
def test_wrong_labels_are_memorized_without_regularization_not_with_dropout(
    width: int, epochs: int, seed: int, mnist: Dataset
) -> None:
    plain = last_snapshot(mnist, width, epochs, seed, drop_probability=0.0)
    dropped = last_snapshot(mnist, width, epochs, seed, drop_probability=0.5)
    assert plain.corrupted is not None
    assert dropped.corrupted is not None
    assert dropped.clean is not None
    assert plain.corrupted.size == dropped.corrupted.size == 300
    assert plain.corrupted.accuracy > 0.9
    assert dropped.corrupted.accuracy < 0.6
    assert dropped.clean.accuracy > 0.95  # the correct labels are learned
    assert dropped.evaluation.accuracy > plain.evaluation.accuracy + 0.05
