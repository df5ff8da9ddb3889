"""Data against penalty in the next update, layer by layer and for weights that are followed."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass

from engine.analysis import tug_of_war
from engine.analysis.tug_of_war import Candidate, Rule, Sides
from engine.config import RunConfig
from engine.data import RunData
from engine.runs.extracts.run_state import Scene

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


def tug_of(scene: Scene) -> Tug | None:
    """The next update; None where `engine.analysis.tug_of_war.next_update` has no answer."""
    update = tug_of_war.next_update(scene.config, scene.data, scene.parameters, scene.step, scene.halvings)
    if update is None:
        return None
    return Tug(
        config=scene.config,
        step=scene.step + 1,
        over=scene.step >= scene.config.epochs * scene.steps_per_epoch,
        layers=tuple(tug_of_war.sides(update, layer) for layer in range(len(update.before))),
        weights=tuple(
            (each, tug_of_war.rule(update, each.layer, each.row, each.column)) for each in candidates_of(scene)
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


def candidates_of(scene: Scene) -> tuple[Candidate, ...]:
    """The weights that are followed in a scene's run."""
    with _lock:
        data, found = _chosen.pop(scene.begun, (None, ()))
        if data is None or data() is not scene.data:
            data, found = weakref.ref(scene.data), tug_of_war.candidates(scene.initial, scene.data.x)
        _chosen[scene.begun] = data, found
        while len(_chosen) > REMEMBERED:
            del _chosen[next(iter(_chosen))]
        return found
