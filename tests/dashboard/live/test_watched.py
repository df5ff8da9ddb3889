"""Each kind of `Watched` in all code that uses one: the same tests for one run and for several."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.charts.overlays.catalogue import OVERLAYS
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import LAYOUTS, Layout
from dashboard.live.routes import Viewer, socket_url
from dashboard.live.run_group import RunGroup
from dashboard.live.single_run import SingleRun, single_run_contents
from dashboard.live.watched import STATUS, Watched
from engine import RunConfig
from engine.learning.checkpoint import Change
from engine.runs import states
from engine.runs.messages import Report
from engine.runs.server.run import Run
from tests.dashboard.live.reading import joined, read
from tests.dashboard.watching import config_of, reports_of, run_of
from tests.processes import wait_until

# A constructor of each kind from runs.
KINDS: dict[str, Callable[[list[Run]], Watched]] = {
    "one run": lambda runs: SingleRun(runs[0]),
    "several runs": lambda runs: RunGroup(runs),
}
# what board.js reads of the contents
MOUNTED = {"state", "over", "toggle", "metrics", "sentence", "badge", "steering", "table", "layout", "panels"}
MOUNTED |= {"subtitle", "problem"}


@pytest.fixture(params=KINDS)
def make(request) -> Callable[[list[Run]], Watched]:
    return KINDS[request.param]


@pytest.fixture
def watched(hub, make) -> Watched:
    """Runs of the hub's manager that have trained for three epochs."""
    runs = [run_of(config_of("default")), run_of(config_of("L1"))]
    for run in runs:
        hub.manager._runs[run.id] = run
    return make(runs)


def report(run: Run, **new: Any) -> None:
    run.telemetry.add_report(Report("paused", run.telemetry.step, 0.0, **new))


def break_panel(watched: Watched, monkeypatch, name: str, error: str) -> None:
    """Make the update of a panel raise an error."""

    def update(*subject: Any) -> Any:
        raise KeyError(error)

    monkeypatch.setitem(watched.panels, name, replace(watched.panels[name], update=update))


# identity


def test_it_is_found_by_its_id_with_the_same_token_and_runs(hub, watched):
    found = hub.find(watched.id)
    assert type(found) is type(watched)
    assert (found.id, found.token, found.runs) == (watched.id, watched.token, watched.runs)
    assert socket_url(watched).endswith(f"/live/{watched.id}?token={watched.token}")


def test_its_configs_are_the_current_ones(watched):
    changed = replace(watched.runs[0].initial_config, learning_rate=0.125)
    watched.runs[0].current_config = changed
    assert watched.configs == (changed, *(run.current_config for run in watched.runs[1:]))


# frames


def test_the_first_frame_has_the_status_and_every_complete_panel(hub, watched):
    frame = read(hub.live_frame(watched, {}))
    assert frame["run"] == watched.id
    assert frame["status"] == json.loads(json.dumps(watched.part_body(STATUS)))
    assert set(frame["panels"]) == set(watched.panels)
    for name in watched.panels:
        assert frame["panels"][name] == json.loads(json.dumps(watched.part_body(name))), name


def test_nothing_is_sent_twice_to_a_viewer_and_everything_to_another(hub, watched):
    seen: dict[str, int] = {}
    first = hub.live_frame(watched, seen)
    assert hub.live_frame(watched, seen) is None
    assert hub.live_frame(watched, {}) == first


@pytest.mark.parametrize("part", ["weights", "over_time", "epochs"])
def test_a_report_of_any_run_updates_the_panels_that_draw_it(hub, watched, part):
    for run in watched.runs:
        seen: dict[str, int] = {}
        hub.live_frame(watched, seen)
        run.telemetry.sequence_numbers[part] += 1
        expected = {name for name, panel in watched.panels.items() if part in panel.telemetry_parts}
        assert expected
        assert set(read(hub.live_frame(watched, seen))["panels"]) == expected


def test_sequence_numbers_grow_with_new_data_and_never_decrease(make):
    config = config_of("default")
    runs = [Run(config, None), Run(config_of("L1"), None)]
    watched = make(runs)
    before = {part: watched.sequence_number(part) for part in (STATUS, *watched.panels)}
    grown = set()
    for each in reports_of(config, 13):
        for run in watched.runs:
            run.telemetry.add_report(each)
        after = {part: watched.sequence_number(part) for part in before}
        assert all(after[part] >= before[part] for part in before)
        grown |= {part for part in before if after[part] > before[part]}
        before = after
    assert grown == set(before)


def test_all_joined_frames_equal_the_frame_of_a_new_viewer(hub, make):
    config = config_of("default", epochs=40)
    watched = make([Run(config, None), Run(config, None)])
    seen: dict[str, int] = {}
    received: dict[str, Any] = {}
    for each in reports_of(config, 120):
        for run in watched.runs:
            run.telemetry.add_report(each)
        if (frame := hub.live_frame(watched, seen)) is not None:
            for name, body in read(frame)["panels"].items():
                received[name] = joined(received[name], body) if name in received else body
    for name, complete in read(hub.live_frame(watched, {}))["panels"].items():
        for trace, expected in zip(received[name]["traces"], complete["traces"], strict=True):
            assert {**trace, **expected} == trace, name
        assert received[name]["text"] == complete["text"]


def test_only_panels_in_the_viewport_are_sent_to_a_viewer(hub, watched):
    one, other, *_ = watched.panels
    seen: dict[str, int] = {}
    assert set(read(hub.live_frame(watched, seen, [one]))["panels"]) == {one}
    assert set(read(hub.live_frame(watched, seen, [one, other]))["panels"]) == {other}
    assert hub.live_frame(watched, seen, []) is None


@pytest.mark.parametrize("past", [False, True])
def test_a_panel_that_cannot_be_drawn_has_the_reason_and_others_are_drawn(hub, watched, monkeypatch, past):
    name = next(name for name in ("cost", "costs") if name in watched.panels)
    break_panel(watched, monkeypatch, name, "no such trace")
    panels = read(hub.past_frame(watched, 8) if past else hub.live_frame(watched, {}))["panels"]
    assert set(panels) == set(watched.panels)
    assert watched.panels[name].title in panels[name]["trouble"]
    assert "KeyError: 'no such trace'" in panels[name]["trouble"]
    assert "cannot be updated" not in "".join(
        body.get("trouble", "") for other, body in panels.items() if other != name
    )


@pytest.mark.parametrize("past", [False, True])
def test_a_number_that_json_does_not_have_affects_one_panel(hub, watched, monkeypatch, past):
    name = next(name for name in ("cost", "costs") if name in watched.panels)
    panel = watched.panels[name]
    update = lambda *subject: replace(panel.update(*subject), layout={"shapes": [float("nan")]})  # noqa: E731
    monkeypatch.setitem(watched.panels, name, replace(panel, update=update))
    panels = read(hub.past_frame(watched, 8) if past else hub.live_frame(watched, {}))["panels"]
    assert [other for other, body in panels.items() if "cannot be updated" in body.get("trouble", "")] == [name]


def test_frames_of_untrained_runs_are_valid_json(hub, make):
    watched = make([Run(config_of("default", seed=seed), None) for seed in range(2)])
    frame = read(hub.live_frame(watched, {}))
    assert (set(frame["panels"]), frame["status"]["step"]) == (set(watched.panels), 0)


def test_the_newest_state_of_reloaded_runs_is_shown(hub, watched):
    """If another process trains the runs, the manager has new objects with the same ids."""
    with hub.register_viewer(watched):
        before = read(hub.live_frame(watched, {}))["status"]["step"]
        for run in watched.runs:
            newer = run_of(run.initial_config, steps=before + 4)
            newer.id, newer.token = run.id, run.token
            hub.manager._runs[run.id] = newer
        assert read(hub.live_frame(hub.find(watched.id), {}))["status"]["step"] > before


# looking back


def test_a_frame_of_the_past_shows_the_requested_step(hub, watched):
    last = watched.part_body(STATUS)["step"]
    for requested, step in ((8, 8), (0, 0), (-5, 0), (10**300, last)):
        frame = read(hub.past_frame(watched, requested))
        assert (frame["run"], frame["past"]) == (watched.id, True)
        assert (frame["status"]["step"], frame["status"]["last"]) == (step, last)
        assert set(frame["panels"]) == set(watched.panels)


def test_looking_back_cuts_lines_and_does_not_change_live_frames(hub, watched):
    name = next(name for name in ("accuracy", "accuracies") if name in watched.panels)
    before = hub.live_frame(watched, {})
    past = read(hub.past_frame(watched, 8))["panels"][name]["traces"][0]["x"]["bdata"]
    live = read(before)["panels"][name]["traces"][0]["x"]["bdata"]
    assert len(past) < len(live)
    assert hub.live_frame(watched, {}) == before


def test_a_frame_of_the_past_has_only_the_requested_panels(hub, watched):
    name = next(iter(watched.panels))
    assert set(read(hub.past_frame(watched, 8, [name]))["panels"]) == {name}


# orders


def test_orders_reach_every_run_and_invalid_orders_do_nothing(hub, make):
    config = config_of("default", epochs=100_000)
    watched = make([hub.manager.start(replace(config, seed=seed), 25.0) for seed in range(2)])
    manager, runs = hub.manager, watched.runs
    wait_until(lambda: all(run.telemetry.step for run in runs), 40)
    for invalid_order in ("dance", None, 7, ["toggle"], {}):
        watched.give_order(manager, invalid_order)
    assert {run.state for run in runs} == {states.RUNNING}
    watched.give_order(manager, "toggle")
    wait_until(lambda: {run.state for run in runs} == {states.PAUSED})
    steps = [run.telemetry.step for run in runs]
    watched.give_order(manager, "step")
    wait_until(lambda: [run.telemetry.step for run in runs] == [step + 1 for step in steps])
    watched.give_order(manager, "step_epoch")
    wait_until(lambda: all(run.telemetry.step % 4 == 0 and run.state == states.PAUSED for run in runs))
    watched.give_order(manager, "toggle")
    assert {run.state for run in runs} == {states.RUNNING}
    for run in runs:
        manager.stop(run)
    wait_until(lambda: {run.state for run in runs} == {states.STOPPED})
    for order in ("toggle", "step", "step_epoch"):
        watched.give_order(manager, order)
    assert {run.state for run in runs} == {states.STOPPED}


# viewers


def test_each_run_counts_a_viewer_and_makes_the_extracts_it_needs(hub, watched):
    with hub.register_viewer(watched) as watching:
        assert [run.watchers for run in watched.runs] == [1] * len(watched.runs)
        assert all(set(run.watched_extracts) == watched.needed_extracts(watched.panels) for run in watched.runs)
        assert watching.set_panels([])
        assert all(run.watched_extracts == () for run in watched.runs)
    assert [run.watchers for run in watched.runs] == [0] * len(watched.runs)


def test_encoded_frames_are_kept_while_there_is_a_viewer(hub, watched):
    with hub.register_viewer(watched):
        hub.live_frame(watched, {})
        with hub.register_viewer(hub.find(watched.id)):
            pass
        assert watched.id in hub._part_caches, "another viewer still watches"
    assert hub._part_caches == {}


def test_a_listener_is_called_after_every_report_until_it_is_removed(watched):
    calls: list[int] = []
    remove = watched.add_listener(lambda: calls.append(1))
    for run in watched.runs:
        run.call_listeners()
    remove()
    for run in watched.runs:
        run.call_listeners()
    assert len(calls) == len(watched.runs)


def test_its_lock_holds_the_locks_of_all_runs(watched):
    with watched.lock():
        assert all(run.lock.locked() for run in watched.runs)
    assert not any(run.lock.locked() for run in watched.runs)


def test_during_training_the_number_of_charts_per_frame_is_limited(hub, watched, monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr("dashboard.live.routes.time.monotonic", lambda: now[0])
    for run in watched.runs:
        run.state = states.RUNNING
    parts = {part for panel in watched.panels.values() for part in panel.telemetry_parts}
    with hub.register_viewer(watched) as watching:
        viewer = Viewer(None, hub, watched, watching)

        def sent() -> set[str]:
            now[0] += 10  # every panel is due
            for run in watched.runs:
                run.telemetry.sequence_numbers.update(parts)
            return set(read(viewer._live_frame(tuple(watched.panels)))["panels"])

        assert sent() == set(watched.panels), "the first frame has all panels"
        limit = watched.charts_per_frame or len(watched.panels)
        updated = [sent() for _ in range(-(-len(watched.panels) // limit))]
        assert {len(each) for each in updated} == {limit}
        assert set().union(*updated) == set(watched.panels), "every panel is updated in turn"


# the page around it


def test_its_contents_have_the_fields_that_board_js_reads(watched):
    contents = watched.contents(Layout("overview"))
    data = json.loads(json.dumps(contents.mount_data()))
    assert set(data) == MOUNTED
    assert data["state"] == watched.state
    assert contents.panel_names == [panel["name"] for panel in data["panels"]]
    assert set(contents.panel_names) <= set(watched.panels)
    assert (data["table"] is None) == bool(data["metrics"]), "a line of metrics, or a table"
    for panel in data["panels"]:
        for figure in (panel["figures"] or {}).values():
            traces = json.loads(figure)["data"]
            assert len(watched.part_body(panel["name"])["traces"]) <= len(traces)


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_can_be_shown(watched, name):
    assert watched.contents(Layout(name)).panels


def test_the_page_version_changes_with_state_and_settings(watched):
    versions = {watched.page_version}
    run = watched.runs[-1]
    run.telemetry.sequence_numbers[STATUS] += 1
    assert {watched.page_version} == versions, "not with every report"
    for each in watched.runs:
        each.state = states.RUNNING
    versions.add(watched.page_version)
    report(run, changes=(Change(run.telemetry.step, {"learning_rate": 0.1}),))
    versions.add(watched.page_version)
    assert len(versions) == 3
    assert watched.part_body(STATUS)["page"] == watched.page_version


def test_a_board_without_a_run_shows_the_panels_of_the_next_run():
    config = RunConfig()
    empty = single_run_contents(config, Layout("overview"))
    contents = SingleRun(Run(config, None)).contents(Layout("overview"))
    assert replace(empty, state=contents.state) == contents


# the base class


def test_the_kinds_have_different_panels():
    assert set(PANELS).isdisjoint(OVERLAYS)


def test_no_code_of_the_dashboard_checks_the_kind_with_isinstance():
    kinds = {"SingleRun", "RunGroup", "Watched", "Run"}
    checks = []
    for path in sorted((Path(__file__).parents[3] / "dashboard").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
                names = {each.id for each in ast.walk(node.args[1]) if isinstance(each, ast.Name)}
                if names & kinds:
                    checks.append(f"{path.name}:{node.lineno}")
    assert checks == []
