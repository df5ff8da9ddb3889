"""Which neurons trained on which mini-batches, compared with a loop over the masks of single steps."""

from __future__ import annotations

import io
import queue
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import RunConfig, Training, dataset_of, masks, select
from engine.learning.checkpoint import Change, config_at
from engine.learning.rollback import Diverged
from engine.runs import states
from engine.runs.extracts import masks as masks_module
from engine.runs.extracts.masks import count_trained_batches, kept_shares_by_step
from engine.runs.extracts.run_state import RunState
from engine.runs.messages import Command, Report, RunSetup, Verb
from engine.runs.worker.__main__ import serve
from engine.runs.worker.channel import receive
from tests.engine.runs.driving import InMemoryWorker, diverging

KINDS = {
    "exact": {},
    "bernoulli": {"dropout_count": "bernoulli"},
    "a mask for each example": {"dropout_mask": "example"},
    "a Bernoulli mask for each example": {"dropout_mask": "example", "dropout_count": "bernoulli"},
}
N = 47  # the last mini-batch of an epoch has 7 examples


def config_of(kind: str, **changes) -> RunConfig:
    return RunConfig.demo(**{"hidden": (7, 4), "train_size": N, "mini_batch_size": 10, **KINDS[kind], **changes})


def shares_of_step(initial_config: RunConfig, changes: list[Change], n: int, layer: int, step: int) -> list[float]:
    """The share of a mini-batch that each neuron trained on, counted example by example."""
    config = initial_config
    for change in changes:
        if step >= change.step + 1:
            config = config_at(config, [change], step)
    batches = -(-n // config.mini_batch_size)
    at = (step - 1) % batches
    examples = min(config.mini_batch_size, n - at * config.mini_batch_size)
    mask = masks(config, layer, step)
    found = []
    for neuron in range(config.hidden[layer - 1]):
        kept = 0
        for example in range(examples):
            kept += int(mask[example, neuron] if mask.ndim == 2 else mask[neuron])
        found.append(kept / examples)
    return found


def shares_by_loop(initial_config: RunConfig, changes: list[Change], n: int, layer: int, steps: range) -> np.ndarray:
    return np.array([shares_of_step(initial_config, changes, n, layer, step) for step in steps])


def changes_at(*pairs: tuple[int, float]) -> list[Change]:
    return [Change(step, {"drop_probability": p}) for step, p in pairs]


CHANGES = {
    "no change": [],
    "one": changes_at((20, 0.25)),
    "switched off and on": changes_at((5, 0.0), (64, 0.75)),
    "twice at a step": changes_at((30, 0.9), (30, 0.1)),
    "at the first and the last": changes_at((0, 0.3), (99, 0.6), (100, 0.2)),
    "something else": [Change(12, {"l2": 3.0}), Change(50, {"learning_rate": 0.1})],
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("kind", KINDS)
def test_shares_equal_those_of_a_loop_over_the_examples(kind, changes):
    config = config_of(kind)
    for layer in (1, 2):
        for steps in (range(1, 101), range(21, 22), range(20, 21), range(60, 70), range(100, 101)):
            found = kept_shares_by_step(config, changes, N, layer, steps)
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, shares_by_loop(config, changes, N, layer, steps), rtol=0, atol=1e-7)


def test_a_change_takes_effect_in_the_next_update():
    config = config_of("exact", hidden=(8,))
    (shares,) = (kept_shares_by_step(config, changes_at((40, 0.25)), N, 1, range(1, 81)),)
    assert shares.sum(axis=1).tolist() == [4.0] * 40 + [6.0] * 40


def test_without_dropout_every_neuron_trains_on_everything():
    assert (kept_shares_by_step(config_of("exact", drop_probability=0.0), [], N, 1, range(1, 30)) == 1).all()


@given(st.sampled_from(list(KINDS)), st.integers(1, 30), st.lists(st.integers(0, 60), max_size=4), st.integers(1, 9))
def test_counts_of_adjacent_ranges_add_up_exactly(kind, first, lengths, chunk):
    config, changes = config_of(kind), changes_at((25, 0.3), (70, 0.0))
    all_steps = range(first, first + sum(lengths))
    total = np.zeros(7)
    at = first
    for length in lengths:
        total += count_trained_batches(config, changes, N, 1, range(at, at + length))
        at += length
    patch = pytest.MonkeyPatch()
    patch.setattr(masks_module, "CHUNK_STEPS", chunk)
    found = count_trained_batches(config, changes, N, 1, all_steps)
    patch.undo()
    assert found.tolist() == total.tolist()
    if all_steps:
        np.testing.assert_allclose(found, shares_by_loop(config, changes, N, 1, all_steps).sum(axis=0), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_at_a_later_step_has_exact_counts(kind):
    config = config_of(kind)
    data = select(config, dataset_of(config))
    changes = tuple(changes_at((10, 0.25), (33, 0.75)))
    start = tuple(np.zeros(width) for width in config.hidden)
    run_state = RunState(config, config, (), data, Training(config, data).parameters, 0, 0, start)
    direct = run_state.at_later_step(90, changes)
    by_stages = (
        run_state.at_later_step(20, changes[:1])
        .at_later_step(33, changes)
        .at_later_step(34, changes)
        .at_later_step(90, changes)
    )
    for layer in (1, 2):
        assert direct.training_counts[layer - 1].tolist() == by_stages.training_counts[layer - 1].tolist()
        expected = shares_by_loop(config, list(changes), data.n, layer, range(1, 91)).sum(axis=0)
        np.testing.assert_allclose(direct.training_counts[layer - 1], expected, atol=1e-5)
    assert direct.current_config.drop_probability == 0.75
    assert all((counts == 0).all() for counts in run_state.training_counts), "a run state never changes"


# Counting in a worker


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_counts_masks_over_changes_and_short_mini_batches(kind):
    config = config_of(kind, epochs=1000)
    in_memory = InMemoryWorker(config)
    in_memory.advance_to(31)
    in_memory.command("change", {"drop_probability": 0.25})
    in_memory.advance_to(57)
    in_memory.command("change", {"drop_probability": 0.0})
    in_memory.command("step")
    in_memory.command("change", {"drop_probability": 0.8})
    in_memory.advance_to(120)
    n = in_memory.worker.training.data.n
    changes = changes_at((31, 0.25), (57, 0.0), (58, 0.8))
    assert in_memory.worker.training.changes == changes
    last = list(in_memory.telemetry().keyframes)[-1]
    assert last.step == 120
    for layer, counts in enumerate(in_memory.worker.recorder.training_counts, start=1):
        np.testing.assert_allclose(
            counts, shares_by_loop(config, changes, n, layer, range(1, 121)).sum(axis=0), atol=1e-5
        )
        assert last.training_counts[layer - 1].tolist() == counts.tolist()


def divergence_of(in_memory: InMemoryWorker) -> Diverged:
    try:
        while in_memory.worker.state == states.RUNNING:
            in_memory.worker.train_slice()
    except Diverged as error:
        return error
    raise AssertionError("the run did not diverge")


def test_counts_of_a_diverged_run_end_at_its_last_finite_update():
    config = replace(diverging(), drop_probability=0.5, learning_rate=5.0)
    in_memory = InMemoryWorker(config)
    in_memory.command("resume")
    error = divergence_of(in_memory)
    in_memory.worker.end_diverged(error)
    step = in_memory.worker.training.step
    assert step == error.step - 1 > 0
    telemetry = in_memory.telemetry()
    last = list(telemetry.keyframes)[-1]
    assert (telemetry.step, last.step) == (step, step)
    assert np.isfinite(last.flat).all()
    assert last.flat.tolist() == in_memory.worker.training.parameters.flat.tolist()
    for layer in range(1, len(config.hidden) + 1):
        expected = shares_by_loop(config, [], in_memory.worker.training.data.n, layer, range(1, step + 1))
        assert last.training_counts[layer - 1].tolist() == expected.sum(axis=0).tolist()


def test_a_diverged_run_reports_its_last_finite_weights():
    out: io.BytesIO = io.BytesIO()
    commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
    commands.put(Command(Verb.START, RunSetup(diverging().to_dict(), watched_extracts=("weights", "recent_masks")), 1))
    serve(out, commands)
    out.seek(0)
    reports: list[Report] = []
    while out.tell() < len(out.getvalue()):
        reports.append(receive(out))
    last = reports[-1]
    assert (last.state, last.step) == (states.DIVERGED, last.keyframes[-1].step if last.keyframes else last.step)
    keyframes = [keyframe for report in reports for keyframe in report.keyframes]
    assert keyframes[-1].step == last.step
    assert np.isfinite(keyframes[-1].flat).all()
    assert str(last.step + 1) in str(last.reason)
