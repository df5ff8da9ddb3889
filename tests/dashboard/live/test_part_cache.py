"""Missing extracts of an ended run are made when a viewer opens their panel."""

from __future__ import annotations

from dashboard.live.part_cache import PartCache
from dashboard.live.single_run import SingleRun
from engine.runs import states
from tests.dashboard.watching import config_of, run_of


def test_missing_extracts_of_an_ended_run_are_made():
    run = run_of(config_of("default"))
    run.state = states.STOPPED
    run.telemetry.extracts.clear()
    run.telemetry.extract_steps.clear()
    cache = PartCache(SingleRun(run))
    needed = cache.watched.needed_extracts(["network"])
    assert needed
    assert cache.has_missing_extracts(["network"])
    cache.make_missing_extracts(["network"])
    assert not cache.has_missing_extracts(["network"])
    assert needed <= set(run.telemetry.extracts)
