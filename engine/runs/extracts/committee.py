"""The thinned networks of the newest mini-batches as a committee, on the evaluation set."""

from __future__ import annotations

from engine.analysis.committee import Committee, measure_committee
from engine.learning.checkpoint import config_at
from engine.learning.network import scaled_for_inference
from engine.runs.extracts.masks import mask_at
from engine.runs.extracts.run_state import RunState

MAX_MEMBERS = 20  # thinned networks; with more the average hardly changes
MAX_EXAMPLES = 500  # the first examples of the evaluation set; 0.5 points of accuracy are 2.5 examples


def committee_of(run_state: RunState) -> Committee | None:
    """Return the committee; None before the first mini-batch or without dropout."""
    if not run_state.step or not run_state.initial_config.hidden or not run_state.current_config.drop_probability:
        return None
    evaluation = run_state.data.evaluation
    steps = range(max(1, run_state.step - MAX_MEMBERS + 1), run_state.step + 1)
    configs = [config_at(run_state.initial_config, run_state.changes, step) for step in steps]
    masks = [
        [mask_at(config, layer, step, width) for layer, width in enumerate(run_state.initial_config.hidden, start=1)]
        for config, step in zip(configs, steps, strict=True)
    ]
    is_inverted = run_state.current_config.dropout_scaling == "inverted"
    member_parameters = run_state.parameters
    if not is_inverted:  # the members get all inputs, scaled as in the full network, even if inputs are dropped
        member_parameters = scaled_for_inference(
            member_parameters, [1 - run_state.current_config.input_drop_probability, *(1 for _ in masks[0])]
        )
    return measure_committee(
        run_state.architecture,
        member_parameters,
        run_state.full_network,
        evaluation.x[:MAX_EXAMPLES],
        evaluation.labels[:MAX_EXAMPLES],
        masks,
        1 / run_state.current_config.keep_probability if is_inverted else 1.0,
    )


def series_values(value: Committee) -> dict[str, float]:
    """Return the accuracies for `Telemetry.over_time`.

    They are the mean accuracy of one member, the accuracy of the committee and that of the full network.
    """
    return {
        "committee.single": float(value.single_accuracies.mean()),
        "committee.average": float(value.average_accuracies[-1]),
        "committee.full": value.full,
    }
