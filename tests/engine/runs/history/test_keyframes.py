"""Keyframes are bounded in number and spread over the run."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.learning.early_stopping import EarlyStopping
from engine.runs import states
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.history.keyframes import (
    MAX_BYTES,
    MAX_KEYFRAMES,
    MIN_KEYFRAMES,
    Keyframes,
    densest_index,
    keyframe_interval,
    max_keyframes,
)
from engine.runs.messages import Command, Verb
from engine.runs.worker import recorder
from tests.engine.runs.driving import InMemoryWorker, small


def keyframes_at(steps: list[int], numbers: int = 2, max_bytes: int = MAX_BYTES) -> Keyframes:
    keyframes = Keyframes(max_bytes)
    for step in steps:
        keyframes.add(Keyframe(step, np.full(numbers, float(step))))
    return keyframes


@given(st.lists(st.integers(0, 50), max_size=400), st.integers(-1, 30_000))
def test_keyframes_are_bounded_sorted_and_found_by_step(gaps, requested):
    steps = np.cumsum(gaps).tolist()
    keyframes = keyframes_at(steps)
    stored = [keyframe.step for keyframe in keyframes]
    assert len(keyframes) == len(stored) <= MAX_KEYFRAMES
    assert set(stored) <= set(steps)
    assert stored == sorted(set(stored))
    if steps:
        assert (stored[0], stored[-1]) == (steps[0], steps[-1])
    earlier = [step for step in stored if step <= requested]
    found = keyframes.latest_at_or_before(requested)
    assert (found.step if found else None) == (earlier[-1] if earlier else None)


def test_a_keyframe_replaces_another_of_the_same_step():
    keyframes = keyframes_at([0, 7])
    keyframes.add(Keyframe(7, np.array([1.0, 2.0]), halvings=3))
    assert [keyframe.step for keyframe in keyframes] == [0, 7]
    assert keyframes.latest_at_or_before(7).halvings == 3


@pytest.mark.parametrize(
    "nbytes",
    [
        1,
        8,
        MAX_BYTES // MAX_KEYFRAMES,
        MAX_BYTES // MAX_KEYFRAMES + 1,
        MAX_BYTES // 20,
        MAX_BYTES // MIN_KEYFRAMES,
        MAX_BYTES,
        2 * MAX_BYTES,
    ],
)
def test_the_number_of_keyframes_follows_from_their_size(nbytes):
    most = max_keyframes(nbytes)
    assert MIN_KEYFRAMES <= most <= MAX_KEYFRAMES
    assert most * nbytes <= MAX_BYTES or most == MIN_KEYFRAMES
    assert (most + 1) * nbytes > MAX_BYTES or most == MAX_KEYFRAMES


def test_large_networks_have_fewer_keyframes():
    keyframes = keyframes_at(list(range(1000)), numbers=100, max_bytes=20 * 8 * 100)
    assert len(keyframes) <= 20
    assert sum(keyframe.flat.nbytes for keyframe in keyframes) <= 20 * 8 * 100


def test_all_keyframes_but_the_last_can_be_dropped():
    keyframes = keyframes_at([0, 5, 9])
    keyframes.drop_all_but_last()
    assert [keyframe.step for keyframe in keyframes] == [9]
    assert keyframes.latest_at_or_before(8) is None
    Keyframes().drop_all_but_last()


def test_keyframes_at_their_spacing_cover_a_run_of_any_length():
    total, most = 1_000_000, MAX_KEYFRAMES
    keyframes, step = Keyframes(), 0
    while step <= total:
        keyframes.add(Keyframe(step, np.zeros(1)))
        step += keyframe_interval(step, most)
    stored = [keyframe.step for keyframe in keyframes]
    assert max(b - a for a, b in pairwise(stored)) <= 2 * total / (most - 2)
    assert len(stored) == most


@pytest.mark.slow
def test_the_keyframes_of_100000_updates_cover_the_whole_run(monkeypatch):
    monkeypatch.setattr(recorder, "KEYFRAME_BYTES_PER_SECOND", 1e12)  # so that a slow machine skips none
    in_memory = InMemoryWorker(
        small(dataset="circles", hidden=(2,), epochs=500, drop_probability=0.0, train_size=2_000)
    )
    in_memory.worker.apply(Command(Verb.RESUME))
    while in_memory.worker.state == states.RUNNING:
        in_memory.worker.train_slice()
    telemetry = in_memory.telemetry()
    assert telemetry.step == 100_000
    stored = [keyframe.step for keyframe in telemetry.keyframes]
    assert (stored[0], stored[-1]) == (0, 100_000)
    assert len(stored) <= MAX_KEYFRAMES
    # Two keyframes are at least one slice of training at full speed apart.
    assert max(b - a for a, b in pairwise(stored)) <= 2 * 100_000 / (MAX_KEYFRAMES - 2) + in_memory.longest_slice


@given(st.lists(st.integers(1, 9), min_size=2, max_size=12))
def test_the_dropped_step_has_the_closest_neighbors(gaps):
    steps = [0, *np.cumsum(gaps).tolist()]
    index = densest_index(steps)
    spans = [later - earlier for earlier, later in zip(steps, steps[2:], strict=False)]
    assert spans[index - 1] == min(spans)


def test_a_keyframe_of_a_run_without_a_schedule_has_no_halvings():
    keyframe = Keyframe(3, np.zeros(2))
    checkpoint = EarlyStopping(halvings=keyframe.halvings)
    assert checkpoint.halvings == EarlyStopping().halvings == 0
