"""How hypothesis is to look for examples here."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A busy machine must not fail a test: no deadline for an example, and no complaint about slow data.
settings.register_profile("engine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("engine")
