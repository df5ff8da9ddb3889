"""Runs give the results that version 0.1.0 recorded."""

from __future__ import annotations

import pytest

from tests.compatibility.results import recorded, run_case, trained_differences

CASES = {case["name"]: case for case in recorded("runs.json")["runs"]}


@pytest.mark.parametrize("name", CASES)
def test_a_run_gives_the_recorded_results(name: str) -> None:
    """Snapshots, mini-batch costs and parameters are equal, exactly if the machine rounds as recorded."""
    case = CASES[name]
    assert trained_differences(case["results"], run_case(case), case["config"]["dtype"]) == []
