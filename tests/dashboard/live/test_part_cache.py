"""Extracts that an ended run lacks are made once, when a viewer opens their panel."""

from __future__ import annotations

from dashboard.live.part_cache import PartCache
from dashboard.live.single_run import SingleRun
from engine.runs import states
from tests.dashboard.watching import config_of, run_of


def test_the_extracts_that_an_ended_run_lacks_are_completed():
    run = run_of(config_of("default"))
    run.state = states.STOPPED
    run.telemetry.extracts.clear()
    run.telemetry.extract_steps.clear()
    encoded = PartCache(SingleRun(run))
    wanted = encoded.watched.needed_extracts(["network"])
    assert wanted
    assert encoded.has_missing_extracts(["network"])
    encoded.make_missing_extracts(["network"])
    assert not encoded.has_missing_extracts(["network"])
    assert wanted <= set(run.telemetry.extracts)
