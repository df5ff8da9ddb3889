"""The board of a run with a ghost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.live.run_with_ghost import GHOST_KINDS, RunWithGhost, default_choice, find_run_with_ghost
from dashboard.live.single_run import SingleRun
from dashboard.live.watched import STATUS
from engine import FieldError
from engine.analysis.regularizers import without_regularizers
from engine.learning.checkpoint import Change
from engine.runs import states
from engine.runs.names import display_name
from engine.runs.server.run import Run
from tests.dashboard.live.reading import read
from tests.dashboard.watching import config_of, decoded, run_of
from tests.processes import wait_until


def ghosted(steps: int = 13, ghost_steps: int = 13, kind: str = "without", name: str = "default") -> RunWithGhost:
    config = config_of(name)
    return RunWithGhost(run_of(config, steps), run_of(without_regularizers(config), ghost_steps), kind)


def grey_line(body: dict, name: str) -> tuple[list[float], list[float]]:
    (trace,) = [trace for trace in body["traces"] if trace.get("name") == name]
    return decoded(trace["x"]).tolist(), decoded(trace["y"]).tolist()


def validation_of(run: Run) -> tuple[list[float], list[float]]:
    x, y = run.telemetry.epochs["judge_accuracy"].line()
    return x.tolist(), pytest.approx((100 * y).tolist(), rel=1e-6)


def test_its_frame_has_the_curves_of_both_runs():
    watched = ghosted()
    body = watched.part_body("accuracy")
    assert grey_line(body, "without a regularizer") == validation_of(watched.ghost)
    alone = SingleRun(watched.run).part_body("accuracy")
    assert body["traces"][: len(alone["traces"])] == alone["traces"]
    assert body["text"] == alone["text"]


def test_panels_without_a_ghost_are_those_of_the_run():
    watched = ghosted()
    for name, panel in watched.panels.items():
        if panel.ghost is None:
            assert watched.part_body(name) == SingleRun(watched.run).part_body(name)


def test_the_metrics_compare_validation_and_memorized_labels():
    watched = ghosted()
    snapshot = watched.ghost.telemetry.snapshot
    by_label = {label: ghost for label, _, _, ghost in watched.part_body(STATUS)["metrics"]}
    assert by_label.pop("Validation") == f"without {100 * snapshot.evaluation.accuracy:.1f}\u202f%"
    assert by_label.pop("Wrong labels memorized") == f"without {100 * snapshot.corrupted.accuracy:.1f}\u202f%"
    assert set(by_label.values()) == {""}


def test_a_ghost_that_has_not_been_measured_leaves_the_metrics_unchanged():
    run = run_of(config_of("default"))
    watched = RunWithGhost(run, Run(config_of("no penalty"), None), "without")
    assert watched.part_body(STATUS)["metrics"] == SingleRun(run).part_body(STATUS)["metrics"]


def test_a_ghost_that_is_ahead_is_shown_up_to_the_epoch_of_the_run():
    watched = ghosted(steps=9, ghost_steps=20)
    ahead, behind = watched.ghost.telemetry, watched.run.telemetry
    assert ahead.step // ahead.steps_per_epoch > behind.step // behind.steps_per_epoch + 1
    x, y = grey_line(watched.part_body("accuracy"), "without a regularizer")
    assert x[-1] == behind.step // behind.steps_per_epoch
    whole = 100 * watched.ghost.telemetry.epochs["judge_accuracy"].line()[1]
    assert y == pytest.approx(whole[: len(y)].tolist(), rel=1e-6)


@pytest.mark.parametrize("kind", ["previous", "pinned"])
def test_another_run_is_shown_as_a_whole(kind):
    watched = ghosted(steps=9, ghost_steps=20, kind=kind)
    x, _ = grey_line(watched.part_body("accuracy"), f"{GHOST_KINDS[kind].title}: No regularization · digits")
    assert x[-1] == watched.ghost.telemetry.snapshot.epoch > watched.run.telemetry.snapshot.epoch


def test_looking_back_shows_both_at_the_same_epoch():
    watched = ghosted(steps=20, ghost_steps=20)
    status, bodies = watched.frame_parts_at(9, ["accuracy", "weights", "dropout"])
    x, _ = grey_line(bodies["accuracy"], "without a regularizer")
    assert x[-1] == 9 // watched.run.telemetry.steps_per_epoch
    alone, alone_bodies = SingleRun(watched.run).frame_parts_at(9, ["dropout"])
    assert bodies["dropout"] == alone_bodies["dropout"]
    assert status["step"] == alone["step"]
    assert any(ghost for *_, ghost in status["metrics"])


@pytest.mark.parametrize(
    ("ghost_steps", "kind", "compared"), [(20, "without", True), (9, "without", False), (9, "pinned", True)]
)
def test_the_end_is_not_compared_with_a_ghost_that_stopped_earlier(ghost_steps, kind, compared):
    watched = ghosted(steps=20, ghost_steps=ghost_steps, kind=kind)
    watched.run.state = states.FINISHED
    sentence = watched.part_body(STATUS)["sentence"]
    assert " ends at " in sentence
    assert ("the grey run" in sentence) == compared


@pytest.mark.parametrize("name", ["two features", "two features and no noise"])
def test_the_boundary_of_the_ghost_is_in_the_frame(name):
    watched = ghosted(name=name)
    assert watched.part_body("boundary")["traces"][-1]["name"] == "without a regularizer"


def test_it_is_found_by_its_id_while_both_runs_are_known():
    watched = ghosted()
    runs = {run.id: run for run in watched.runs}
    found = find_run_with_ghost(watched.id, runs.get)
    assert (found.id, found.token, found.runs) == (watched.id, watched.token, watched.runs)
    run_id, ghost_id = runs
    for wrong in (
        "",
        "ghost",
        f"ghost-other-{run_id}-{ghost_id}",
        f"ghost-without-{run_id}-{run_id}",
        f"{watched.id}-",
    ):
        assert find_run_with_ghost(wrong, runs.get) is None
    del runs[ghost_id]
    assert find_run_with_ghost(watched.id, runs.get) is None


def test_orders_go_to_the_run_and_the_run_that_trains_beside_it(hub):
    config = config_of("default", epochs=1_000_000)
    run = hub.manager.start(config, ghost=without_regularizers(config))
    watched = hub.find(RunWithGhost(run, run.ghost, "without").id)
    watched.give_order(hub.manager, "toggle")
    for each in watched.runs:
        wait_until(lambda each=each: each.state == states.PAUSED)


def test_orders_do_not_go_to_another_run(hub):
    other = hub.manager.start(config_of("default", epochs=1_000_000), steps="step")
    run = hub.manager.start(config_of("L1", epochs=1_000_000), steps="step")
    for each in (run, other):
        wait_until(lambda each=each: each.state == states.PAUSED)
    RunWithGhost(run, other, "pinned").give_order(hub.manager, "toggle")
    assert (run.state, other.state) == (states.RUNNING, states.PAUSED)


def test_viewers_get_the_changes_of_the_ghost_too(hub):
    config = config_of("default", epochs=1_000_000)
    run = hub.manager.start(config, steps="step")
    wait_until(lambda: run.state == states.PAUSED and run.telemetry.step == 1)
    hub.manager.add_ghost(run, without_regularizers(config))
    watched = hub.find(RunWithGhost(run, run.ghost, "pinned").id)
    with hub.register_viewer(watched):
        wait_until(lambda: run.ghost.telemetry.snapshot is not None and run.ghost.telemetry.snapshot.epoch > 2)
        seen: dict[str, int] = {}
        frame = read(hub.live_frame(watched, seen))
        name = f"the pinned run: {display_name(run.ghost)}"
        before = grey_line(frame["panels"]["accuracy"], name)[0][-1]  # its epoch: a long line is merged to fewer points
        hub.manager.pause(run)
        wait_until(lambda: run.ghost.state == states.PAUSED)
        frame = read(hub.live_frame(watched, {}))
    assert grey_line(frame["panels"]["accuracy"], name)[0][-1] >= before
    assert run.telemetry.step == 1


@pytest.mark.parametrize(
    ("text", "choice"), [(None, "without"), ("", "without"), ("none", "none"), (" without ", "without")]
)
def test_the_choice_that_a_page_starts_with_is_set_by_a_variable(monkeypatch, text, choice):
    if text is None:
        monkeypatch.delenv("REGSCOPE_GHOST")
    else:
        monkeypatch.setenv("REGSCOPE_GHOST", text)
    assert default_choice() == choice


def test_another_value_of_the_variable_is_refused(monkeypatch):
    monkeypatch.setenv("REGSCOPE_GHOST", "previous")
    with pytest.raises(FieldError, match="must be without or none, got 'previous'"):
        default_choice()


def test_changes_that_a_ghost_had_at_another_step_are_not_compared():
    watched = ghosted(steps=20, ghost_steps=20)
    watched.run.state = states.FINISHED
    assert "the grey run" in watched.part_body(STATUS)["sentence"]
    watched.run.telemetry.changes = [Change(5, {"l2": 2.0}), Change(7, {"learning_rate": 0.1, "l1": 1.0})]
    assert "the grey run" not in watched.part_body(STATUS)["sentence"]
    watched.ghost.telemetry.changes = [Change(7, {"learning_rate": 0.1})]
    assert "the grey run" in watched.part_body(STATUS)["sentence"]


@pytest.mark.parametrize("change", [{"dataset": "spirals"}, {"evaluate_on": "test"}])
def test_runs_on_other_examples_are_not_compared(change):
    run = run_of(config_of("default"), 20)
    other = replace(run.initial_config, **change)
    ghost = run_of(config_of("default"), 20)
    ghost.initial_config = other
    run.state = states.FINISHED
    body = RunWithGhost(run, ghost, "pinned").part_body(STATUS)
    assert "the grey run" not in body["sentence"]
    assert {compared for *_, compared in body["metrics"]} == {""}


def test_an_error_of_the_ghost_leaves_the_panels_of_the_run(monkeypatch, caplog):
    watched = ghosted()

    def fail(*_):
        raise ValueError("the data were removed")

    panels = {**watched.panels, "accuracy": replace(watched.panels["accuracy"], ghost=fail)}
    watched.panels = panels
    alone = SingleRun(watched.run)
    assert watched.part_body("accuracy") == alone.part_body("accuracy")
    _, bodies = watched.frame_parts_at(9, ["accuracy", "cost"])
    assert bodies["accuracy"] == alone.frame_parts_at(9, ["accuracy"])[1]["accuracy"]
    watched.part_body("accuracy")
    assert caplog.text.count("cannot be drawn") == 1, "an error is logged once"


def test_the_name_of_the_ghost_is_escaped_for_plotly_only():
    watched = ghosted(kind="pinned")
    watched.ghost.name = "A & <b>"
    assert "A & <b>" in watched.part_body(STATUS)["sentence"]
    (name,) = [
        trace["name"] for trace in watched.part_body("accuracy")["traces"] if "pinned run" in trace.get("name", "")
    ]
    assert name == "the pinned run: A &amp; &lt;b&gt;"
