"""Entrants as a race has them, with the telemetry of runs really trained."""

from __future__ import annotations

from functools import lru_cache

from dashboard.charts.overlays.entrant import Entrant
from engine.analysis.twins import Twin, race, vary
from engine.runs.history.telemetry import Telemetry
from tests.dashboard.watching import config_of, telemetry_of

SIZES = (1, 2, 8)


def twins_of(many: int) -> tuple[Twin, ...]:
    """So many twins, the first of them none, L2, L1 and dropout."""
    config = config_of("default")
    if many <= 4:
        return race(config, "none, L2, L1, dropout")[:many]
    ladder = vary(config, "l2", [0.01, 0.1, 3.0, 10.0])
    return (*race(config, "none, L2, L1, dropout"), *ladder)[:many]


@lru_cache
def _telemetry(twin: Twin) -> Telemetry:
    return telemetry_of(twin.config, 13)


def entrants_of(many: int, begun: int | None = None) -> tuple[Entrant, ...]:
    """So many entrants, the first `begun` of which have trained three epochs, and the others not at all."""
    begun = many if begun is None else begun
    return tuple(
        Entrant(twin.name, twin.config, _telemetry(twin) if i < begun else Telemetry())
        for i, twin in enumerate(twins_of(many))
    )
