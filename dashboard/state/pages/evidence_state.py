"""The state of what stands behind the curves of the compare page: which part is shown, the seed fan, destroyed neurons.

Beside `session`, `widgets`, `address` and `compared` it alone touches session state. Seed fans live in the server, by
their settings: another page of the same runs, or the same page loaded again, finds the fan that is at work.
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
PART = "compared"  # the key of the switch, and the query parameter
MANY = "fan.many"  # the key of the number of seeds
LAYER = "damage.layer"
FANS = 4  # kept at once in a server: their telemetry is what they cost

_REFUSED = "fan.refused"
_GONE = "damage.gone"  # the destroyed neurons, by the layer they are in
_CLICKED = "damage.clicks"  # how often the picture was clicked: each click wants a widget of its own

_fans: dict[tuple[tuple[RunConfig, ...], int], SeedFan] = {}
_lock = threading.Lock()


def part() -> str:
    """Which part of the page is shown."""
    chosen = st.session_state.get(PART)
    return chosen if chosen in PARTS else CURVES


# the seed fan


def fan(configs: Sequence[RunConfig], many: int) -> SeedFan | None:
    """The fan of these settings, if there is one."""
    return _fans.get((tuple(configs), many))


def start_fan(runs: Sequence[Run], names: Sequence[str], many: int) -> None:
    """Start a fan of these runs' settings; a refusal is kept for `refused`."""
    st.session_state.pop(_REFUSED, None)
    configs = tuple(run.initial_config for run in runs)
    try:
        begun = SeedFan(the_hub().manager, configs, names, many)
    except FieldError as error:
        st.session_state[_REFUSED] = str(error)
        return
    with _lock:
        for idle in [key for key, each in _fans.items() if not each.working][: max(0, len(_fans) - FANS + 1)]:
            del _fans[idle]
        _fans[configs, many] = begun
    begun.start()


def refused() -> str | None:
    """Why the last fan was refused."""
    return st.session_state.get(_REFUSED)


# destroyed neurons


def gone(layer: int, width: int) -> list[int]:
    """The neurons of a hidden layer that are destroyed."""
    found: dict[int, list[int]] = st.session_state.get(_GONE, {})
    return [neuron for neuron in found.get(layer, []) if neuron < width]


def toggle(layer: int, clicked: Sequence[int]) -> None:
    """Destroy neurons, or revive those that are destroyed."""
    found: dict[int, list[int]] = dict(st.session_state.get(_GONE, {}))
    found[layer] = sorted(set(found.get(layer, [])) ^ set(clicked))
    st.session_state[_GONE] = found
    st.session_state[_CLICKED] = clicks() + 1


def destroy_at_random(layer: int, width: int, many: int) -> None:
    """Destroy so many more of a layer's neurons."""
    left = sorted(set(range(width)) - set(gone(layer, width)))
    drawn = generator(clicks(), Stream.DESTRUCTION, layer).permutation(len(left))[:many]
    toggle(layer, [left[i] for i in drawn])


def revive() -> None:
    """All of them live again."""
    st.session_state[_GONE] = {}
    st.session_state[_CLICKED] = clicks() + 1


def clicks() -> int:
    """How often neurons were destroyed or revived on this page."""
    return int(st.session_state.get(_CLICKED, 0))
