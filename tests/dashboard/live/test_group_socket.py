"""The live socket of a group: access, contents of frames, and rates."""

from __future__ import annotations

from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from dashboard.charts.overlays.catalogue import OVERLAYS
from dashboard.live.run_group import RunGroup
from engine.analysis.magnitudes import MAX_MEASUREMENTS
from engine.analysis.twins import race_twins
from engine.runs import states
from tests.dashboard.live.test_routes import receive, receive_until
from tests.dashboard.watching import config_of
from tests.processes import wait_until


@pytest.fixture
def group(start):
    """Two runs of a race that train slowly for a minute, with measurements after every second epoch."""
    twins = race_twins(config_of("default", epochs=2 * MAX_MEASUREMENTS), "none, L2, L1, dropout")[:2]
    return RunGroup([start(twin.config, 25.0, name=twin.name) for twin in twins])


def test_a_group_is_watched_through_one_socket(watch, group):
    viewer = watch(group)
    frame = receive(viewer)
    assert frame["run"] == group.id
    assert set(frame["panels"]) == set(OVERLAYS)
    assert [run.watchers for run in group.runs] == [1, 1]
    viewer.send("{}")
    frame = receive_until(viewer, lambda frame: frame["status"] and frame["status"]["table"][1]["cells"][2][0] != "0")
    assert len(frame["status"]["table"]) == 2
    viewer.close()
    wait_until(lambda: [run.watchers for run in group.runs] == [0, 0])


def test_during_training_each_frame_of_a_group_updates_few_charts_in_turn(watch, group):
    viewer = watch(group)
    assert set(receive(viewer)["panels"]) == set(OVERLAYS), "the first frame has all charts"
    updated: set[str] = set()

    def all_updated(frame: dict[str, Any]) -> bool:
        nonlocal updated
        assert len(frame["panels"]) <= RunGroup.charts_per_frame
        updated |= set(frame["panels"])
        return updated == set(OVERLAYS)

    viewer.send("{}")
    receive_until(viewer, all_updated)
    viewer.send('{"order": "toggle"}')
    wait_until(lambda: {run.state for run in group.runs} == {states.PAUSED})
    viewer.send("{}")
    # for paused runs there is no limit: all remaining panels are sent
    last = receive_until(viewer, lambda frame: frame["status"] and frame["status"]["state"] == "paused")
    assert [line["state"] for line in last["status"]["table"]] == ["paused", "paused"]


def test_a_group_is_opened_only_with_its_own_token(watch, live, group):
    for token in ("", group.runs[0].token, RunGroup(group.runs[::-1]).token):
        with pytest.raises(InvalidStatus):
            watch(group, address=live.address(group).replace(group.token, token))
    for runs in (group.runs[:1], (*group.runs, *group.runs)):
        wrong = "-".join(["group", *(run.id for run in runs)])
        with pytest.raises(InvalidStatus):
            watch(group, address=live.address(group).replace(group.id, wrong))
    assert [run.watchers for run in group.runs] == [0, 0]


def test_orders_over_the_socket_reach_every_run(watch, group):
    viewer = watch(group)
    receive(viewer)
    viewer.send('{"order": "toggle"}')
    wait_until(lambda: {run.state for run in group.runs} == {states.PAUSED})
    steps = [run.telemetry.step for run in group.runs]
    viewer.send('{"order": "step"}')
    wait_until(lambda: [run.telemetry.step for run in group.runs] == [step + 1 for step in steps])


def test_a_viewer_looks_back_at_all_runs_and_returns(watch, group):
    viewer = watch(group)
    wait_until(lambda: all(run.telemetry.step > 12 for run in group.runs))
    receive(viewer)
    viewer.send("{}")
    viewer.send('{"at": 8}')
    past = receive_until(viewer, lambda frame: frame.get("past"))
    assert [line["cells"][-1] for line in past["status"]["table"]] == ["8", "8"]
    viewer.send("{}")
    viewer.send('{"at": null}')
    receive_until(viewer, lambda frame: not frame.get("past") and set(frame["panels"]) == set(OVERLAYS))
