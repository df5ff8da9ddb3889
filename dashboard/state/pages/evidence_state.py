"""The state of the parts of the page Compare: the chosen part, the seed fan, and destroyed neurons.

The server stores seed fans by their settings, so another page with the same runs finds a fan that is in training.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import streamlit as st

from dashboard.live.hub import get_hub
from engine.config import RunConfig
from engine.errors import FieldError
from engine.randomness import Stream, generator
from engine.runs.server.run import Run
from engine.runs.server.seed_fan import SeedFan

CURVES, RESULTS, SEEDS, DAMAGE = PARTS = ("Curves", "Results", "Seeds", "Damage")
PART = "compared"  # key of the switch, and the query parameter
SEED_COUNT = "fan.seeds"  # keys of widgets
LAYER = "damage.layer"
MAX_FANS = 4  # maximum number per server; each fan stores the telemetry of all its runs

_REFUSED = "fan.refused"
_DESTROYED = "damage.destroyed"  # destroyed neurons by hidden layer
_CHANGES = "damage.changes"  # the number of clicks that destroyed or revived neurons

_fans: dict[tuple[tuple[RunConfig, ...], int], SeedFan] = {}
_lock = threading.Lock()


def current_part() -> str:
    """Return the part of the page that is shown."""
    part = st.session_state.get(PART)
    return part if part in PARTS else CURVES


# the seed fan


def find_fan(configs: Sequence[RunConfig], seeds: int) -> SeedFan | None:
    """Return the fan of these settings and this number of seeds, or None if there is none."""
    return _fans.get((tuple(configs), seeds))


def start_fan(runs: Sequence[Run], names: Sequence[str], seeds: int) -> None:
    """Start a fan of the settings of runs. If it cannot start, `fan_error` returns the reason."""
    st.session_state.pop(_REFUSED, None)
    configs = tuple(run.initial_config for run in runs)
    try:
        new_fan = SeedFan(get_hub().manager, configs, names, seeds)
        new_fan.check_memory()
    except FieldError as error:
        st.session_state[_REFUSED] = str(error)
        return
    with _lock:
        for idle_key in [key for key, cached_fan in _fans.items() if not cached_fan.is_running][
            : max(0, len(_fans) - MAX_FANS + 1)
        ]:
            del _fans[idle_key]
        _fans[configs, seeds] = new_fan
    new_fan.start()


def fan_error() -> str | None:
    """Return why the last fan was refused, or None."""
    return st.session_state.get(_REFUSED)


# destroyed neurons


def destroyed_neurons(layer: int, width: int) -> list[int]:
    """Return the destroyed neurons of a hidden layer with that width."""
    by_layer: dict[int, list[int]] = st.session_state.get(_DESTROYED, {})
    return [neuron for neuron in by_layer.get(layer, []) if neuron < width]


def toggle_neurons(layer: int, neurons: Sequence[int]) -> None:
    """Destroy neurons, or revive those that are destroyed."""
    by_layer: dict[int, list[int]] = dict(st.session_state.get(_DESTROYED, {}))
    by_layer[layer] = sorted(set(by_layer.get(layer, [])) ^ set(neurons))
    st.session_state[_DESTROYED] = by_layer
    st.session_state[_CHANGES] = change_count() + 1


def destroy_random_neurons(layer: int, width: int, count: int) -> None:
    """Destroy `count` more neurons of a layer, chosen at random."""
    remaining = sorted(set(range(width)) - set(destroyed_neurons(layer, width)))
    indices = generator(change_count(), Stream.DESTROYED_NEURONS, layer).permutation(len(remaining))[:count]
    toggle_neurons(layer, [remaining[i] for i in indices])


def revive_all() -> None:
    """Revive all neurons."""
    st.session_state[_DESTROYED] = {}
    st.session_state[_CHANGES] = change_count() + 1


def change_count() -> int:
    """Return the number of clicks on this page that destroyed or revived neurons."""
    return int(st.session_state.get(_CHANGES, 0))
