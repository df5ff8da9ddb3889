"""The state of the parts of the page Compare: the chosen part, the seed fan, and destroyed neurons.

The server keeps seed fans by their settings, so another page with the same runs finds a fan that is at work.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import streamlit as st

from dashboard.live.hub import the_hub
from engine.config import RunConfig
from engine.errors import FieldError
from engine.randomness import Stream, generator
from engine.runs.server.run import Run
from engine.runs.server.seed_fan import SeedFan

CURVES, RESULTS, SEEDS, DAMAGE = PARTS = ("Curves", "Results", "Seeds", "Damage")
PART = "compared"  # key of the switch, and the query parameter
SEED_COUNT = "fan.seeds"  # keys of widgets
LAYER = "damage.layer"
MAX_FANS = 4  # in a server: each holds the telemetry of all its runs

_REFUSED = "fan.refused"
_DESTROYED = "damage.destroyed"  # destroyed neurons by hidden layer
_CHANGES = "damage.changes"  # how often neurons were destroyed or revived

_fans: dict[tuple[tuple[RunConfig, ...], int], SeedFan] = {}
_lock = threading.Lock()


def part() -> str:
    """Return the part of the page that is shown."""
    chosen = st.session_state.get(PART)
    return chosen if chosen in PARTS else CURVES


# the seed fan


def fan(configs: Sequence[RunConfig], seeds: int) -> SeedFan | None:
    """Return the fan of these settings and this number of seeds, or None if there is none."""
    return _fans.get((tuple(configs), seeds))


def start_fan(runs: Sequence[Run], names: Sequence[str], seeds: int) -> None:
    """Start a fan of these runs' settings. `refused` then returns why if it cannot start."""
    st.session_state.pop(_REFUSED, None)
    configs = tuple(run.initial_config for run in runs)
    try:
        started = SeedFan(the_hub().manager, configs, names, seeds)
    except FieldError as error:
        st.session_state[_REFUSED] = str(error)
        return
    with _lock:
        for idle in [key for key, each in _fans.items() if not each.is_running][: max(0, len(_fans) - MAX_FANS + 1)]:
            del _fans[idle]
        _fans[configs, seeds] = started
    started.start()


def refused() -> str | None:
    """Return why the last fan was refused, or None."""
    return st.session_state.get(_REFUSED)


# destroyed neurons


def destroyed(layer: int, width: int) -> list[int]:
    """Return the destroyed neurons of a hidden layer with that width."""
    found: dict[int, list[int]] = st.session_state.get(_DESTROYED, {})
    return [neuron for neuron in found.get(layer, []) if neuron < width]


def toggle(layer: int, clicked: Sequence[int]) -> None:
    """Destroy neurons, or revive those that are destroyed."""
    found: dict[int, list[int]] = dict(st.session_state.get(_DESTROYED, {}))
    found[layer] = sorted(set(found.get(layer, [])) ^ set(clicked))
    st.session_state[_DESTROYED] = found
    st.session_state[_CHANGES] = changes() + 1


def destroy_at_random(layer: int, width: int, count: int) -> None:
    """Destroy `count` more neurons of a layer, drawn at random."""
    left = sorted(set(range(width)) - set(destroyed(layer, width)))
    drawn = generator(changes(), Stream.DESTRUCTION, layer).permutation(len(left))[:count]
    toggle(layer, [left[i] for i in drawn])


def revive() -> None:
    """Revive all neurons."""
    st.session_state[_DESTROYED] = {}
    st.session_state[_CHANGES] = changes() + 1


def changes() -> int:
    """Return how often neurons were destroyed or revived on this page."""
    return int(st.session_state.get(_CHANGES, 0))
