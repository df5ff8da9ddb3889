"""The thinned networks of the newest mini-batches as a committee, on held-out examples."""

from __future__ import annotations

from engine.analysis.committee import Committee, measure_committee
from engine.learning.checkpoint import config_at
from engine.learning.network import scaled_for_inference
from engine.runs.extracts.masks import mask_at
from engine.runs.extracts.run_state import RunState

MAX_MEMBERS = 20  # thinned networks: with more, the average hardly changes
MAX_EXAMPLES = 500  # of the evaluation set, the first ones: half a point of accuracy is two or three of them


def committee_of(run_state: RunState) -> Committee | None:
    """Return the committee; None before the first mini-batch, and without dropout."""
    if not run_state.step or not run_state.initial_config.hidden or not run_state.current_config.drop_probability:
        return None
    evaluation = run_state.data.evaluation
    steps = range(max(1, run_state.step - MAX_MEMBERS + 1), run_state.step + 1)
    configs = [config_at(run_state.initial_config, run_state.changes, step) for step in steps]
    masks = [
        [mask_at(config, layer, step, width) for layer, width in enumerate(run_state.initial_config.hidden, start=1)]
        for config, step in zip(configs, steps, strict=True)
    ]
    inverted = run_state.current_config.dropout_scaling == "inverted"
    members = run_state.parameters
    if not inverted:  # they get all inputs, even if inputs are dropped: scaled as in the full network
        members = scaled_for_inference(
            members, [1 - run_state.current_config.input_drop_probability, *(1 for _ in masks[0])]
        )
    return measure_committee(
        run_state.architecture,
        members,
        run_state.full,
        evaluation.x[:MAX_EXAMPLES],
        evaluation.labels[:MAX_EXAMPLES],
        masks,
        1 / run_state.current_config.keep_probability if inverted else 1.0,
    )


def trend(value: Committee) -> dict[str, float]:
    """Return the accuracies that are kept over time: of one member on average, of all together, of the full network."""
    return {
        "committee.single": float(value.single_accuracies.mean()),
        "committee.average": float(value.average_accuracies[-1]),
        "committee.full": value.full,
    }
