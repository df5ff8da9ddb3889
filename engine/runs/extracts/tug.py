"""Data against penalty in the next update, for each layer and for some single weights."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass

from engine.analysis import tug_of_war
from engine.analysis.tug_of_war import Candidate, MeanSteps, WeightUpdate
from engine.config import RunConfig
from engine.data import RunData
from engine.runs.extracts.run_state import RunState

MAX_CACHED_RUNS = 4  # runs whose weights to follow are cached: choosing them reads all inputs of a run


@dataclass(frozen=True)
class Tug:
    """The next update.

    Attributes:
        config: it was computed with. step: its number.
        over: whether the run has done all its epochs; then this is the effect of one more update.
        layers: data and penalty in each layer of weights.
        weights: each followed weight, and its update rule in numbers.
    """

    config: RunConfig
    step: int
    over: bool
    layers: tuple[MeanSteps, ...]
    weights: tuple[tuple[Candidate, WeightUpdate], ...]


def tug_of(run_state: RunState) -> Tug | None:
    """Return the next update; None if `engine.analysis.tug_of_war.next_update` returns None."""
    update = tug_of_war.next_update(
        run_state.current_config, run_state.data, run_state.parameters, run_state.step, run_state.halvings
    )
    if update is None:
        return None
    return Tug(
        config=run_state.current_config,
        step=run_state.step + 1,
        over=run_state.step >= run_state.current_config.epochs * run_state.steps_per_epoch,
        layers=tuple(tug_of_war.mean_steps(update, layer) for layer in range(len(update.before))),
        weights=tuple(
            (each, tug_of_war.update_of_weight(update, each.layer, each.row, each.column))
            for each in candidates_of(run_state)
        ),
    )


def trend(value: Tug) -> dict[str, float]:
    """Return what is kept over time: both sides of the first layers, and the value of every followed weight."""
    kept = {}
    for layer, sides in enumerate(value.layers[: tug_of_war.CANDIDATE_LAYERS]):
        kept[f"tug.data.{layer}"] = sides.data
        kept[f"tug.penalty.{layer}"] = sides.penalty
        kept[f"tug.share.{layer}"] = sides.share
    return kept | {weight_name(each.layer, each.kind): rule.w for each, rule in value.weights}


def weight_name(layer: int, kind: str) -> str:
    """Return the name of a followed weight in `Telemetry.over_time`."""
    return f"tug.weight.{layer}.{kind}"


_lock = threading.Lock()  # a server may compute extracts of several runs at once
_chosen: dict[RunConfig, tuple[weakref.ref[RunData], tuple[Candidate, ...]]] = {}


def candidates_of(run_state: RunState) -> tuple[Candidate, ...]:
    """Return the followed weights of a run, cached."""
    with _lock:
        data, found = _chosen.pop(run_state.initial_config, (None, ()))
        if data is None or data() is not run_state.data:
            data, found = weakref.ref(run_state.data), tug_of_war.choose_candidates(run_state.initial, run_state.data.x)
        _chosen[run_state.initial_config] = data, found
        while len(_chosen) > MAX_CACHED_RUNS:
            del _chosen[next(iter(_chosen))]
        return found
