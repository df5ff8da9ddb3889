"""Groups: frames, viewers, orders and looking back for several runs together."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from dashboard.charts.overlays import boundaries
from dashboard.charts.overlays.catalogue import OVERLAYS
from dashboard.live.hub import Hub
from dashboard.live.run_group import RunGroup, find_group
from dashboard.live.single_run import SingleRun
from dashboard.live.watched import STATUS
from engine import FieldError, RunConfig
from engine.analysis.twins import MAX_LINES, race_twins
from engine.data import select
from engine.learning.metrics import weight_histogram
from engine.learning.network import Parameters, layer_sizes_of
from engine.runs import states
from engine.runs.extracts import EXTRACTS
from engine.runs.extracts.plane import plane_of
from engine.runs.history import past_telemetry as past_module
from engine.runs.history.past_telemetry import run_state_at
from engine.runs.messages import Report
from engine.runs.server.run import Run
from tests.dashboard.charts.panels.magnitudes import parameters_after
from tests.dashboard.live.reading import read
from tests.dashboard.watching import config_of, decoded, reports_of, run_of
from tests.processes import wait_until


def group_of(hub: Hub, *runs: Run) -> RunGroup:
    """Add runs to the manager of the hub and return their group."""
    for run in runs:
        hub.manager._runs[run.id] = run
    return RunGroup(runs)


def group_of_two(hub: Hub) -> RunGroup:
    return group_of(hub, run_of(config_of("default")), run_of(config_of("L1")))


def test_a_group_has_one_to_eight_different_runs():
    runs = [Run(RunConfig.demo(seed=seed), None) for seed in range(MAX_LINES + 1)]
    assert RunGroup(runs[:MAX_LINES]).runs == tuple(runs[:MAX_LINES])
    assert RunGroup(runs[:1]).runs == (runs[0],)
    for wrong, message in ((runs, f"1 to {MAX_LINES} to be compared live, got {MAX_LINES + 1}"), ([], "got 0")):
        with pytest.raises(FieldError, match=message):
            RunGroup(wrong)
    with pytest.raises(FieldError, match="got the same run twice"):
        RunGroup([runs[0], runs[1], runs[0]])


def test_a_group_is_found_by_its_id_while_the_manager_has_its_runs(hub):
    group = group_of_two(hub)
    found = hub.find(group.id)
    assert isinstance(found, RunGroup)
    assert (found.id, found.token, found.runs) == (group.id, group.token, group.runs)
    assert hub.find(group.runs[0].id).runs == group.runs[:1]
    assert hub.find("group") is None
    assert hub.find(f"{group.id}-{group.runs[0].id}") is None, "a group cannot have the same run twice"
    assert find_group("-".join(["group", *["0" * 16] * 2]), hub.manager.get) is None
    del hub.manager._runs[group.runs[1].id]
    assert hub.find(group.id) is None


def test_every_group_has_its_own_token():
    runs = [Run(RunConfig.demo(seed=seed), None) for seed in range(3)]
    tokens = {RunGroup(members).token for members in (runs, runs[:2], runs[1:], runs[:1])} | {run.token for run in runs}
    assert len(tokens) == 7


def test_a_frame_has_every_overlay_and_a_table_row_for_every_run(hub):
    group = group_of_two(hub)
    frame = read(hub.live_frame(group, {}))
    assert frame["run"] == group.id
    assert set(frame["panels"]) == set(OVERLAYS)
    for name in OVERLAYS:
        assert frame["panels"][name] == json.loads(json.dumps(group.part_body(name)))
    lines = [line["cells"] for line in frame["status"]["table"]]
    assert [line[0] for line in lines] == ["L2 λ 1, dropout ½ · digits", "L1 λ 1, dropout ½ · digits"]
    assert [line[-1] for line in lines] == [str(run.telemetry.step) for run in group.runs]
    group.runs[0].name = "mine"
    assert group.names == ["mine", "L1 λ 1, dropout ½ · digits"]


def test_the_title_of_a_group_names_every_data_set_once():
    """A default name contains it already."""
    runs = [run_of(config_of("default", l2=l2)) for l2 in (1.0, 2.0)]
    group = RunGroup(runs)
    assert group.title == "L2 λ 1, dropout ½ · digits and L2 λ 2, dropout ½ · digits"
    runs[0].name = "mine"
    assert group.title == "mine and L2 λ 2, dropout ½ · digits"
    runs[1].name = "yours"
    assert group.title == "mine and yours on digits"
    runs[0].initial_config = replace(runs[0].initial_config, dataset="own:0123456789abcdef")
    assert group.title == "mine and yours on own data and digits"


def test_frames_of_untrained_runs_are_valid_json(hub):
    for count in (1, 2, MAX_LINES):
        group = group_of(hub, *(Run(config_of("default", seed=seed), None) for seed in range(count)))
        frame = read(hub.live_frame(group, {}))
        assert (set(frame["panels"]), frame["status"]["step"]) == (set(OVERLAYS), 0)
        for report in reports_of(group.runs[-1].initial_config, 6):
            group.runs[-1].telemetry.add_report(report)
        assert len(read(hub.live_frame(group, {}))["status"]["table"]) == count


def test_a_viewer_gets_the_changes_of_any_run_once(hub):
    group, seen = group_of_two(hub), {}
    assert hub.live_frame(group, seen) is not None
    assert hub.live_frame(group, seen) is None
    before = dict(seen)
    one, other = (run.telemetry for run in group.runs)
    other.add_report(Report("paused", other.step + 1, 0.0, extracts={"weights": other.extracts["weights"]}))
    assert set(read(hub.live_frame(group, seen))["panels"]) == {"histograms"}
    one.add_report(Report("paused", one.step + 1, 0.0))
    frame = read(hub.live_frame(group, seen))
    assert (frame["panels"], frame["status"]["step"]) == ({}, other.step)
    assert all(seen[name] >= before[name] for name in before), "sequence numbers never decrease"


def test_a_viewer_with_the_last_version_gets_only_the_new_end_of_lines(hub):
    config = config_of("default", epochs=200)
    runs = [run_of(config, 100) for _ in range(2)]
    group, seen = group_of(hub, *runs), {}
    first_frame = hub.live_frame(group, seen)
    telemetry = runs[1].telemetry
    step, last = telemetry.step, telemetry.snapshot
    telemetry.add_report(
        Report("paused", step + 4, 0.0, snapshots=(replace(last, epoch=last.epoch + 1, step=step + 4),))
    )
    next_frame = hub.live_frame(group, seen)
    # the line of the second run continues, that of the first run is not sent again
    first, second = read(next_frame)["panels"]["accuracies"]["traces"][:2]
    assert (first, "from" in second["y"]) == ({}, True)
    part = read(first_frame)["panels"]["accuracies"]["traces"][1]["y"]["bdata"]
    joined = part[: second["y"]["from"]] + second["y"]["bdata"]
    complete = group.part_body("accuracies")["traces"][1]["y"]["bdata"]
    assert joined == complete


def test_the_state_of_a_group_is_the_first_by_priority():
    group = RunGroup([Run(RunConfig.demo(seed=seed), None) for seed in range(3)])
    for run_states, state in (
        (("finished", "queued", "running"), "running"),
        (("finished", "queued", "paused"), "queued"),
        (("finished", "stopped", "paused"), "paused"),
        (("finished", "finished", "diverged"), "diverged"),
        (("finished",) * 3, "finished"),
    ):
        for run, run_state in zip(group.runs, run_states, strict=True):
            run.state = run_state
        assert group.state == state


def test_the_frame_of_a_group_has_the_reason_of_a_broken_run(hub):
    group = group_of_two(hub)
    group.runs[1].state, group.runs[1].reason = states.DIVERGED, "its cost was not finite"
    frame = read(hub.live_frame(group, {}))
    assert frame["status"]["notice"] == "L1 λ 1, dropout ½ · digits: its cost was not finite"
    assert frame["status"]["table"][1]["state"] == "diverged"


# viewers


def test_a_run_counts_viewers_of_itself_and_of_its_groups(hub):
    group = group_of_two(hub)
    one, other = group.runs
    with hub.register_viewer(group) as watching:
        assert (one.watchers, other.watchers) == (1, 1)
        assert one.watched_extracts == ("weights",), "the overlays need no other extract"
        with hub.register_viewer(SingleRun(one)) as alone:
            alone.set_panels(["cost", "dropout"])
            assert (one.watchers, set(one.watched_extracts)) == (2, {"recent_masks", "weights"})
            assert other.watched_extracts == ("weights",)
            watching.set_panels(["accuracies"])
            assert (one.watched_extracts, other.watched_extracts) == (("recent_masks",), ())
        assert one.watched_extracts == ()
    assert (one.watchers, other.watchers, one.watched_extracts) == (0, 0, None)
    assert hub._viewers == {}


def test_the_hub_keeps_the_frames_of_a_group_while_it_is_watched(hub):
    group = group_of_two(hub)
    with hub.register_viewer(group):
        hub.live_frame(group, {})
        with hub.register_viewer(RunGroup(group.runs)):
            pass
        assert group.id in hub._part_caches, "another viewer still watches the group"
    assert group.id not in hub._part_caches


def test_a_group_that_is_polled_has_a_viewer_for_a_limited_time(hub):
    group = group_of_two(hub)
    hub.register_polling_viewer(group, 1.0)
    assert [run.watchers for run in group.runs] == [1, 1]
    wait_until(lambda: not any(run.watchers for run in group.runs))


def test_a_listener_of_a_group_is_called_for_every_run_until_it_is_removed():
    group, calls = RunGroup([Run(RunConfig.demo(seed=seed), None) for seed in range(2)]), []
    remove = group.add_listener(lambda: calls.append(1))
    for run in group.runs:
        run.call_listeners()
    remove()
    for run in group.runs:
        run.call_listeners()
    assert len(calls) == 2


# orders


def test_orders_go_to_all_runs_of_a_group(hub):
    runs = [
        hub.manager.start(twin.config, 25.0, name=twin.name)
        for twin in race_twins(RunConfig.demo(), "none, L2, L1, dropout")
    ]
    group = RunGroup(runs)
    assert group.names == ["no regularization", "L2 λ 1", "L1 λ 0.5", "dropout ½"]
    wait_until(lambda: all(run.telemetry.step for run in runs), 40)
    group.give_order(hub.manager, "toggle")
    wait_until(lambda: {run.state for run in runs} == {states.PAUSED})
    steps = [run.telemetry.step for run in runs]
    group.give_order(hub.manager, "step")
    wait_until(lambda: [run.telemetry.step for run in runs] == [step + 1 for step in steps])
    group.give_order(hub.manager, "step_epoch")
    wait_until(lambda: all(run.telemetry.step % 50 == 0 and run.state == states.PAUSED for run in runs))
    group.give_order(hub.manager, "toggle")
    assert {run.state for run in runs} == {states.RUNNING}
    hub.manager.pause(runs[0])
    wait_until(lambda: runs[0].state == states.PAUSED)
    group.give_order(hub.manager, "toggle")
    wait_until(lambda: {run.state for run in runs} == {states.PAUSED})  # toggle pauses all runs if any run trains


def test_runs_beyond_the_cap_are_queued_and_the_table_shows_it(hub):
    twins = race_twins(RunConfig.demo(epochs=100_000), "none, L2, L1, dropout")
    group = RunGroup([hub.manager.start(twin.config, None, name=twin.name) for twin in twins])
    table = read(hub.live_frame(group, {}))["status"]["table"]
    assert [line["cells"][1] for line in table] == ["running", "running", "queued", "queued"]
    assert group.state == states.RUNNING


# looking back


def test_looking_back_cuts_the_lines_of_all_runs_at_the_same_step(hub):
    group = group_of_two(hub)
    frame = read(hub.past_frame(group, 8))
    assert frame["past"] is True
    assert frame["status"]["step"] == 8
    assert [line["cells"][-1] for line in frame["status"]["table"]] == ["8", "8"]
    for i, run in enumerate(group.runs):
        x = decoded(frame["panels"]["accuracies"]["traces"][i]["x"])
        assert x.tolist() == [0, 1, 2]
        assert len(run.telemetry.snapshots) > 3
    assert read(hub.past_frame(group, 10_000))["status"]["step"] == group.step


def test_histograms_of_the_past_show_the_weights_of_their_step():
    config = config_of("default")
    group = RunGroup([run_of(config)])
    (entrant,) = group.entrants_at(4)
    expected = weight_histogram(parameters_of(config, 1))
    assert entrant.telemetry.extracts["weights"].limits.tolist() == expected.limits.tolist()
    assert entrant.telemetry.extracts["weights"].shares.tobytes() == expected.shares.tobytes()
    assert group.entrants()[0].telemetry.extracts["weights"].shares.tobytes() != expected.shares.tobytes()


def parameters_of(config: RunConfig, epoch: int) -> Parameters:
    weights = parameters_after(config, epoch)
    found = Parameters.empty(layer_sizes_of(config, 64, 10), config.dtype)
    for W, trained in zip(found.weights, weights, strict=True):
        W[...] = trained
    return found


def test_runs_whose_epochs_have_different_lengths_are_cut_at_the_same_epoch():
    runs = [run_of(config_of("default", mini_batch_size=size)) for size in (10, 20)]  # 4 and 2 updates per epoch
    group = RunGroup(runs)
    assert group.steps_per_epoch == 4
    assert group.step == max(runs[0].telemetry.step, 2 * runs[1].telemetry.step)
    assert [entrant.telemetry.step for entrant in group.entrants_at(8)] == [8, 4]
    epochs = [entrant.telemetry.snapshot.epoch for entrant in group.entrants_at(8)]
    assert epochs == [2, 2]


def test_a_refused_change_of_one_run_is_in_the_notice_of_the_group():
    runs = [run_of(config_of("default")), run_of(config_of("default", seed=2))]
    runs[1].telemetry.refusal_reason = "l2 must keep ηλ/n below 2"
    assert "a change was refused: l2 must keep ηλ/n below 2." in RunGroup(runs).part_body("status")["notice"]


def test_the_boundaries_of_a_group_are_made_live_and_of_earlier_weights(hub):
    runs = [run_of(config_of("two features", seed=seed), 40) for seed in (1, 2)]
    group = group_of(hub, *runs)
    with hub.register_viewer(group) as watching:
        watching.set_panels(["boundaries"])
        assert [run.watched_extracts for run in runs] == [("plane",)] * 2
    live = read(hub.live_frame(group, {}, ["boundaries"]))["panels"]["boundaries"]["traces"]
    past = read(hub.past_frame(group, 4, ["boundaries"]))["panels"]["boundaries"]["traces"]
    for i, run in enumerate(runs):
        keyframe = run.telemetry.keyframes.latest_at_or_before(4)
        expected = plane_of(run_state_at(run.initial_config, run.telemetry, keyframe)).regions
        assert np.array_equal(decoded(past[i]["z"]), expected)
        assert np.array_equal(decoded(live[i]["z"]), run.telemetry.extracts["plane"].regions)
        assert not np.array_equal(decoded(live[i]["z"]), expected)


def test_looking_back_makes_the_boundaries_that_are_drawn_and_selects_data_once(hub, monkeypatch):
    runs = [run_of(config_of("two features", seed=seed), 40) for seed in range(1, MAX_LINES + 1)]
    group = group_of(hub, *runs)
    planes, selected = [], []
    monkeypatch.setitem(EXTRACTS, "plane", replace(EXTRACTS["plane"], make=lambda run_state: planes.append(run_state)))
    monkeypatch.setattr(past_module, "select", lambda *arguments: selected.append(arguments) or select(*arguments))
    past_module._select_in_plane.cache_clear()
    for count in (1, 2):
        hub.past_frame(group, 4 * count, ["boundaries"])
        assert [run_state.initial_config for run_state in planes] == [
            run.initial_config for run in runs[: boundaries.MAX_RUNS]
        ] * count
    assert len(selected) == boundaries.MAX_RUNS
    for entrant in group.entrants_at(4):
        entrant.telemetry.extracts["plane"]
    for entrant in group.entrants_at(8):
        entrant.telemetry.extracts["plane"]
    assert len(selected) == MAX_LINES, "the data of every run of the largest group are selected once"


def test_the_rows_of_ended_runs_are_ordered_by_result_and_keep_their_lines(hub):
    twins = race_twins(config_of("default"), "none, L2, L1, dropout")
    group = group_of(hub, *(run_of(twin.config, 9) for twin in twins), Run(config_of("default", seed=2), None))
    accuracies = [run.telemetry.snapshot.evaluation.accuracy for run in group.runs[:-1]]
    assert len(set(accuracies)) > 1
    for run in group.runs:
        run.state = states.FINISHED
    group.runs[1].state = states.PAUSED
    lines = [row["line"] for row in group.part_body(STATUS)["table"]]
    assert lines == [0, 1, 2, 3, 4], "while one of them may train on"
    group.runs[1].state, group.runs[2].state = states.FINISHED, states.STOPPED
    for status in (group.part_body(STATUS), group.frame_parts_at(2, [])[0]):
        rows = status["table"]
        assert [row["line"] for row in rows][-1] == 4, "a run without a measurement is last"
        by_result = [accuracies[row["line"]] for row in rows[:-1]]
        assert by_result == sorted(accuracies, reverse=True)
        assert [row["cells"][0] for row in rows] == [group.names[row["line"]] for row in rows]
