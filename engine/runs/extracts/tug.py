"""Data against penalty in the next update, layer by layer and for weights that are followed."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass

from engine.analysis import tug_of_war
from engine.analysis.tug_of_war import Candidate, Rule, Sides
from engine.config import RunConfig
from engine.data import RunData
from engine.runs.extracts.run_state import RunState

REMEMBERED = 4  # runs whose candidates are kept: to choose them reads all of a run's inputs


@dataclass(frozen=True)
class Tug:
    """What the next update does.

    Attributes:
        config: that it was worked out with. step: the number of that update.
        over: whether the run has done all its epochs, so that this is only what one more would do.
        layers: both sides in each layer of weights.
        weights: each weight that is followed, and its rule in numbers.
    """

    config: RunConfig
    step: int
    over: bool
    layers: tuple[Sides, ...]
    weights: tuple[tuple[Candidate, Rule], ...]


def tug_of(run_state: RunState) -> Tug | None:
    """The next update; None where `engine.analysis.tug_of_war.next_update` has no answer."""
    update = tug_of_war.next_update(
        run_state.current_config, run_state.data, run_state.parameters, run_state.step, run_state.halvings
    )
    if update is None:
        return None
    return Tug(
        config=run_state.current_config,
        step=run_state.step + 1,
        over=run_state.step >= run_state.current_config.epochs * run_state.steps_per_epoch,
        layers=tuple(tug_of_war.sides(update, layer) for layer in range(len(update.before))),
        weights=tuple(
            (each, tug_of_war.rule(update, each.layer, each.row, each.column)) for each in candidates_of(run_state)
        ),
    )


def trend(value: Tug) -> dict[str, float]:
    """Both sides of the first layers, and the value of every weight that is followed."""
    kept = {}
    for layer, sides in enumerate(value.layers[: tug_of_war.LAYERS]):
        kept[f"tug.data.{layer}"] = sides.data
        kept[f"tug.penalty.{layer}"] = sides.penalty
        kept[f"tug.share.{layer}"] = sides.share
    return kept | {weight_name(each.layer, each.kind): rule.w for each, rule in value.weights}


def weight_name(layer: int, kind: str) -> str:
    """What the value of a weight that is followed is called in `Telemetry.over_time`."""
    return f"tug.weight.{layer}.{kind}"


_lock = threading.Lock()  # a server looks back at several runs at once
_chosen: dict[RunConfig, tuple[weakref.ref[RunData], tuple[Candidate, ...]]] = {}


def candidates_of(run_state: RunState) -> tuple[Candidate, ...]:
    """The weights that are followed in a run_state's run."""
    with _lock:
        data, found = _chosen.pop(run_state.initial_config, (None, ()))
        if data is None or data() is not run_state.data:
            data, found = weakref.ref(run_state.data), tug_of_war.candidates(run_state.initial, run_state.data.x)
        _chosen[run_state.initial_config] = data, found
        while len(_chosen) > REMEMBERED:
            del _chosen[next(iter(_chosen))]
        return found
