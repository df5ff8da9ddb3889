"""Runs of large networks have at least 16 keyframes, spread over the run."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine import RunConfig
from engine.runs.extracts.keyframe import EXACT_BYTES, Keyframe, round_weights
from engine.runs.history.keyframes import FEWEST_KEYFRAMES, MIN_KEYFRAMES, Keyframes, max_keyframes
from engine.runs.history.past_telemetry import run_state_at, telemetry_at
from engine.runs.server.forking import fork_records
from engine.runs.server.run import Run
from engine.runs.store.record import Record
from engine.runs.store.store import Store
from engine.runs.worker import recorder
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run

MNIST_SIZE = small(hidden=(1_060,), epochs=20)  # 79,510 parameters: as many as 784-100-10 for MNIST has
LARGE = small(hidden=(1_000, 300), epochs=20)  # 1.5 MB of weights


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return Store(tmp_path_factory.mktemp("large") / "runs.sqlite")


@pytest.fixture(scope="module", params=[MNIST_SIZE, LARGE], ids=["MNIST", "large"])
def record(request, store) -> Record:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "KEYFRAME_BYTES_PER_SECOND", 1.0)  # as in a very short run
        return store.load(train_run(store, request.param))


def test_a_stored_run_has_16_keyframes_spread_over_it(record):
    steps = [keyframe.step for keyframe in record.telemetry.keyframes]
    assert len(steps) >= MIN_KEYFRAMES == 16
    assert (steps[0], steps[-1]) == (0, 200)
    assert max(later - earlier for earlier, later in pairwise(steps)) <= 2 * 200 / (MIN_KEYFRAMES - 2)


def test_looking_back_shows_weights_of_a_near_step(record):
    run = Run.from_record(record)
    for step in (60, 100, 150, 199):
        keyframe = telemetry_at(run.initial_config, run.telemetry, step).keyframe_step
        assert keyframe is not None
        assert step - keyframe <= 2 * 200 / (MIN_KEYFRAMES - 2)


def test_the_newest_weights_are_exact(record):
    run = Run.from_record(record)
    newest = run.telemetry.keyframes.latest_at_or_before(200)
    np.testing.assert_array_equal(newest.flat, record.checkpoint.flat)
    assert newest.flat.dtype == record.checkpoint.flat.dtype


def test_only_earlier_weights_of_large_networks_are_rounded(record):
    run = Run.from_record(record)
    *earlier, _ = run.telemetry.keyframes
    large = record.checkpoint.flat.nbytes > EXACT_BYTES
    assert {keyframe.exact for keyframe in earlier} == {not large}
    state = run_state_at(run.initial_config, run.telemetry, earlier[5])
    assert state.parameters.flat.dtype == run.initial_config.dtype


def test_a_fork_starts_with_weights_of_the_dtype_of_the_run(record):
    run = Run.from_record(record)
    (fork,) = fork_records(run, 150, [{}])
    assert fork.checkpoint.flat.dtype == run.initial_config.dtype
    assert fork.checkpoint.step <= 150


def test_a_run_of_a_large_network_is_resumed_exactly(store):
    run_id = train_run(store, LARGE, until=120)
    train_run(store, LARGE, record=store.load(run_id))
    uninterrupted = store.load(train_run(store, LARGE))
    np.testing.assert_array_equal(store.load(run_id).checkpoint.flat, uninterrupted.checkpoint.flat)


def test_a_huge_network_has_fewer_keyframes():
    assert max_keyframes(32 << 20) == MIN_KEYFRAMES
    assert max_keyframes(64 << 20) == 8
    assert max_keyframes(10 << 30) == FEWEST_KEYFRAMES


@given(st.lists(st.integers(1, 400), min_size=1, max_size=60), st.integers(0, 30_000))
def test_a_fork_is_near_its_keyframe_or_refused(gaps, step):
    keyframes = Keyframes()
    steps = [0, *np.cumsum(gaps).tolist()]
    for each in steps:
        keyframes.add(Keyframe(each, np.zeros(2)))
    last = steps[-1]
    step = min(step, last)
    distance = step - max(each for each in steps if each <= step)
    for total in (last, 3 * last):
        assert keyframes.forkable(step, total) == (distance <= max(1, total / 50))


@given(arrays.arrays(np.float32, 20, elements=st.floats(-60_000, 60_000, width=32)))
def test_rounding_keeps_zeros_signs_and_11_digits(flat):
    rounded = round_weights(flat)
    assert ((rounded == 0) == (flat == 0)).all()
    assert (np.signbit(rounded) == np.signbit(flat)).all()
    large = np.abs(flat) >= 2.0**-14
    np.testing.assert_allclose(rounded[large].astype(np.float32), flat[large], rtol=2.0**-11)


def test_weights_beyond_the_range_of_float16_stay_exact():
    flat = np.full(EXACT_BYTES, 1e5, dtype=np.float32)
    assert round_weights(flat) is None
    assert Keyframe(3, flat).as_stored().exact


def test_rounded_weights_differ_by_less_than_a_thousandth(record):
    run = Run.from_record(record)
    exact = run_state_at(run.initial_config, run.telemetry, run.telemetry.keyframes.latest_at_or_before(200))
    rounded = round_weights(exact.parameters.flat).astype(run.initial_config.dtype)
    assert np.linalg.norm(rounded - exact.parameters.flat) < 1e-3 * np.linalg.norm(exact.parameters.flat)


def test_the_default_run_is_stored_exactly():
    assert RunConfig.demo().hidden == (100,)
    keyframe = Keyframe(0, np.zeros(64 * 100 + 100 + 100 * 10 + 10, dtype=np.float32))
    assert keyframe.as_stored() is keyframe
