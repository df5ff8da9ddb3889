"""The data gradient against the penalty in the next update, per layer and for some weights."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.analysis import tug_of_war
from engine.analysis.tug_of_war import Candidate, MeanSteps, NextUpdate, WeightUpdate
from engine.config import RunConfig
from engine.data import RunData
from engine.runs.extracts.run_state import RunState

MAX_CHOOSABLE_WEIGHTS = 100_000  # of a network of which any weight can be chosen: two megabytes of a report
MAX_CACHED_RUNS = 4  # runs; choosing the followed weights reads all inputs of a run


@dataclass(frozen=True)
class TugOfWar:
    """The steps of the data gradient and of the penalty in the next update.

    Attributes:
        config: the config of the update. step: the number of the update.
        is_finished: whether the run has done all its epochs, so that this update will not happen.
        layers: the two sides in each layer of weights.
        followed_weights: each followed weight, with its update rule in numbers.
        update: the update of every weight; None for a network of more than `MAX_CHOOSABLE_WEIGHTS` weights.
    """

    config: RunConfig
    step: int
    is_finished: bool
    layers: tuple[MeanSteps, ...]
    followed_weights: tuple[tuple[Candidate, WeightUpdate], ...]
    update: NextUpdate | None = None


def tug_of(run_state: RunState) -> TugOfWar | None:
    """Return the next update; None if `engine.analysis.tug_of_war.next_update` returns None."""
    update = tug_of_war.next_update(
        run_state.current_config, run_state.data, run_state.parameters, run_state.step, run_state.halvings
    )
    if update is None:
        return None
    return TugOfWar(
        config=run_state.current_config,
        step=run_state.step + 1,
        is_finished=run_state.step >= run_state.current_config.epochs * run_state.steps_per_epoch,
        layers=tuple(tug_of_war.mean_steps(update, layer) for layer in range(len(update.before))),
        followed_weights=tuple(
            (each, tug_of_war.update_of_weight(update, each.layer, each.row, each.column))
            for each in followed_weights_of(run_state)
        ),
        update=update if sum(W.size for W in update.before) <= MAX_CHOOSABLE_WEIGHTS else None,
    )


def are_weights_choosable(sizes: Sequence[int]) -> bool:
    """Return whether any weight of a network can be chosen.

    Args:
        sizes: the number of neurons of each layer, inputs and outputs included.
    """
    return sum(rows * columns for rows, columns in pairwise(sizes)) <= MAX_CHOOSABLE_WEIGHTS


def series_values(value: TugOfWar) -> dict[str, float]:
    """Return the numbers for `Telemetry.over_time`.

    They are both sides of the first layers and the value of every followed weight.
    """
    values = {}
    for layer, sides in enumerate(value.layers[: tug_of_war.CANDIDATE_LAYERS]):
        values[f"tug.data.{layer}"] = sides.data
        values[f"tug.penalty.{layer}"] = sides.penalty
        values[f"tug.share.{layer}"] = sides.share
    return values | {weight_name(each.layer, each.kind): rule.w for each, rule in value.followed_weights}


def weight_name(layer: int, kind: str) -> str:
    """Return the name of a followed weight in `Telemetry.over_time`."""
    return f"tug.weight.{layer}.{kind}"


_lock = threading.Lock()  # a server may compute extracts of several runs in parallel
_cached_candidates: dict[RunConfig, tuple[weakref.ref[RunData], tuple[Candidate, ...]]] = {}


def followed_weights_of(run_state: RunState) -> tuple[Candidate, ...]:
    """Return the followed weights of a run, cached."""
    with _lock:
        data, candidates = _cached_candidates.pop(run_state.initial_config, (None, ()))
        if data is None or data() is not run_state.data:
            data, candidates = (
                weakref.ref(run_state.data),
                tug_of_war.choose_candidates(run_state.initial_network, run_state.data.x),
            )
        _cached_candidates[run_state.initial_config] = data, candidates
        while len(_cached_candidates) > MAX_CACHED_RUNS:
            del _cached_candidates[next(iter(_cached_candidates))]
        return candidates
