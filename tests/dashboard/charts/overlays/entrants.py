"""Entrants of a race with the telemetry of trained runs."""

from __future__ import annotations

from functools import lru_cache

from dashboard.charts.overlays.entrant import Entrant
from engine.analysis.twins import Twin, race_twins, vary_setting
from engine.runs.history.telemetry import Telemetry
from tests.dashboard.watching import config_of, telemetry_of

SIZES = (1, 2, 8)


def twins_of(count: int) -> tuple[Twin, ...]:
    """Return `count` twins; the first four have no regularizer, L2, L1 and dropout."""
    config = config_of("default")
    if count <= 4:
        return race_twins(config, "none, L2, L1, dropout")[:count]
    l2_twins = vary_setting(config, "l2", [0.01, 0.1, 3.0, 10.0])
    return (*race_twins(config, "none, L2, L1, dropout"), *l2_twins)[:count]


@lru_cache
def _telemetry(twin: Twin) -> Telemetry:
    return telemetry_of(twin.config, 13)


def entrants_of(count: int, trained: int | None = None) -> tuple[Entrant, ...]:
    """Return `count` entrants; the first `trained` of them have trained for three epochs, the others not at all."""
    trained = count if trained is None else trained
    return tuple(
        Entrant(twin.name, twin.config, _telemetry(twin) if i < trained else Telemetry())
        for i, twin in enumerate(twins_of(count))
    )
