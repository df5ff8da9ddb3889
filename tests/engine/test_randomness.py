"""One seed, one stream for each purpose."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine import RunConfig, initial_parameters
from engine.families.initializers import INITIALIZERS
from engine.randomness import Stream, generator, order_of_examples


def test_a_stream_depends_only_on_seed_purpose_and_index() -> None:
    keys = [
        (seed, stream, *index) for seed in (0, 1) for stream in Stream for index in ((), (0,), (1,), (0, 1), (1, 0))
    ]
    drawn = [generator(*key).random(4).tolist() for key in keys]
    assert drawn == [generator(*key).random(4).tolist() for key in keys]
    for (a, first), (b, second) in itertools.combinations(zip(keys, drawn, strict=True), 2):
        assert first != second, f"{a} and {b} give the same numbers"


def test_the_numbers_of_the_streams_never_change() -> None:
    # With other numbers, every stored run would give other results.
    assert {stream.name: int(stream) for stream in Stream} == {
        "PARAMETERS": 1,
        "ORDER": 2,
        "MASKS": 3,
        "LABELS": 4,
        "SPLIT": 5,
        "PLANAR_POINTS": 6,
        "PIXEL_NOISE": 7,
        "DESTROYED_NEURONS": 8,
    }


def test_a_stream_is_the_generator_of_its_seed_sequence() -> None:
    sequence = np.random.SeedSequence(7, spawn_key=(3, 1, 2))
    expected = np.random.Generator(np.random.PCG64(sequence)).random(3)
    assert generator(7, Stream.MASKS, 1, 2).random(3).tolist() == expected.tolist()


@pytest.mark.parametrize("n", [1, 2, 17])
def test_an_epoch_uses_every_example_once(n: int) -> None:
    for epoch in (1, 2, 40):
        assert sorted(order_of_examples(3, epoch, n).tolist()) == list(range(n))


def test_every_epoch_and_every_seed_has_another_order() -> None:
    orders = {tuple(order_of_examples(seed, epoch, 50)) for seed in range(5) for epoch in range(1, 6)}
    assert len(orders) == 25


def test_every_example_is_equally_likely_to_be_first() -> None:
    first = np.bincount([order_of_examples(1, epoch, 4)[0] for epoch in range(1, 2001)], minlength=4)
    assert (np.abs(first - 500) < 5 * np.sqrt(2000 * 3 / 16)).all()  # five standard deviations


@pytest.mark.parametrize(("name", "spread"), [("large", 1.0), ("scaled", 0.1)])
def test_initial_weights_have_the_deviation_of_their_initializer(name: str, spread: float) -> None:
    weights = INITIALIZERS[name](np.random.default_rng(0), 100, 200)
    assert weights.shape == (100, 200)
    assert weights.std() == pytest.approx(spread, rel=0.02)
    assert abs(weights.mean()) < 4 * spread / np.sqrt(weights.size)


def test_scaled_weights_are_large_weights_divided_by_the_root_of_n() -> None:
    large = initial_parameters(RunConfig.demo(initializer="large", dtype="float64"), 64, 10)
    scaled = initial_parameters(RunConfig.demo(initializer="scaled", dtype="float64"), 64, 10)
    for W, V in zip(large.weights, scaled.weights, strict=True):
        assert V.tolist() == (W / np.sqrt(len(W))).tolist()
    assert [b.tolist() for b in large.biases] == [b.tolist() for b in scaled.biases]


def test_initial_weights_do_not_depend_on_later_layers() -> None:
    shallow = initial_parameters(RunConfig.demo(hidden=(8,)), 5, 3)
    deep = initial_parameters(RunConfig.demo(hidden=(8, 6)), 5, 3)
    assert shallow.weights[0].tolist() == deep.weights[0].tolist()


def test_initial_float32_parameters_are_rounded_float64_parameters() -> None:
    double = initial_parameters(RunConfig.demo(dtype="float64"), 64, 10)
    single = initial_parameters(RunConfig.demo(dtype="float32"), 64, 10)
    assert single.flat.dtype == np.float32
    assert single.flat.tolist() == double.flat.astype(np.float32).tolist()
