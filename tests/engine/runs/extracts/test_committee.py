"""The committee of a run: the thinned networks of its own training masks."""

from __future__ import annotations

import numpy as np

from engine import Training, dataset_of, masks, select
from engine.analysis.committee import thinned_outputs
from engine.runs.extracts.committee import MAX_EXAMPLES, MAX_MEMBERS, committee_of, series_values
from engine.runs.extracts.run_state import RunState
from tests.engine.runs.driving import small


def run_state_after(config, steps, changes=()):
    training = Training(config, select(config, dataset_of(config)), changes=changes)
    while training.step < steps:
        training.run(steps - training.step)
    return RunState(
        training.current_config, config, tuple(training.changes), training.data, training.parameters, training.step
    )


def test_the_members_are_the_thinned_networks_of_the_newest_mini_batches():
    config = small(epochs=100, hidden=(12, 6))
    run_state = run_state_after(config, 73)
    found = committee_of(run_state)
    evaluation = run_state.data.evaluation
    assert found.size == min(MAX_EXAMPLES, len(evaluation.labels))
    assert len(found.single_accuracies) == MAX_MEMBERS
    for accuracy, step in zip(found.single_accuracies, range(73 - MAX_MEMBERS + 1, 74), strict=True):
        mask = [masks(config, layer, step) for layer in (1, 2)]
        outputs = thinned_outputs(run_state.architecture, run_state.parameters, evaluation.x[:MAX_EXAMPLES], mask)
        assert accuracy == np.mean(outputs.argmax(axis=1) == evaluation.labels[:MAX_EXAMPLES])
    assert series_values(found) == {
        "committee.single": found.single_accuracies.mean(),
        "committee.average": found.average_accuracies[-1],
        "committee.full": found.full,
    }


def test_without_masks_there_is_no_committee():
    assert committee_of(run_state_after(small(), 0)) is None
    assert committee_of(run_state_after(small(drop_probability=0.0), 5)) is None
    assert committee_of(run_state_after(small(hidden=()), 5)) is None
    assert len(committee_of(run_state_after(small(), 5)).single_accuracies) == 5, "one member for each mini-batch"


def test_with_inverted_scaling_members_are_scaled_as_in_training():
    config = small(epochs=100, dropout_scaling="inverted", drop_probability=0.25)
    run_state = run_state_after(config, 30)
    found = committee_of(run_state)
    mask = [masks(config, 1, 30)]
    outputs = thinned_outputs(
        run_state.architecture, run_state.parameters, run_state.data.evaluation.x[:MAX_EXAMPLES], mask, 4 / 3
    )
    assert found.single_accuracies[-1] == np.mean(
        outputs.argmax(axis=1) == run_state.data.evaluation.labels[:MAX_EXAMPLES]
    )


def test_members_get_all_inputs_scaled_as_the_full_network_does():
    config = small(epochs=100, input_drop_probability=0.4)
    run_state = run_state_after(config, 30)
    evaluation = run_state.data.evaluation
    outputs = thinned_outputs(
        run_state.architecture, run_state.parameters, 0.6 * evaluation.x[:MAX_EXAMPLES], [masks(config, 1, 30)]
    )
    assert committee_of(run_state).single_accuracies[-1] == np.mean(
        outputs.argmax(axis=1) == evaluation.labels[:MAX_EXAMPLES]
    )
