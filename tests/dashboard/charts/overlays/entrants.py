"""Entrants of a race, with the telemetry of trained runs."""

from __future__ import annotations

from functools import lru_cache

from dashboard.charts.overlays.entrant import Entrant
from engine.analysis.twins import Twin, race_twins, vary_setting
from engine.runs.history.telemetry import Telemetry
from tests.dashboard.watching import config_of, telemetry_of

SIZES = (1, 2, 8)


def twins_of(many: int) -> tuple[Twin, ...]:
    """Return `many` twins; the first are none, L2, L1 and dropout."""
    config = config_of("default")
    if many <= 4:
        return race_twins(config, "none, L2, L1, dropout")[:many]
    ladder = vary_setting(config, "l2", [0.01, 0.1, 3.0, 10.0])
    return (*race_twins(config, "none, L2, L1, dropout"), *ladder)[:many]


@lru_cache
def _telemetry(twin: Twin) -> Telemetry:
    return telemetry_of(twin.config, 13)


def entrants_of(many: int, begun: int | None = None) -> tuple[Entrant, ...]:
    """Return `many` entrants; the first `begun` have trained three epochs, the others have not begun."""
    begun = many if begun is None else begun
    return tuple(
        Entrant(twin.name, twin.config, _telemetry(twin) if i < begun else Telemetry())
        for i, twin in enumerate(twins_of(many))
    )
