"""Large runs, moved stores and runs of another process in a real browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from engine.runs.history.keyframes import MIN_KEYFRAMES
from engine.runs.store.json_file import to_json
from engine.runs.store.store import Store
from tests.browser.board import board, look_back, number, open_board, press, state, until
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_large_run_can_be_forked_only_near_its_keyframes(own_page, own_server, store):
    """In an earlier version, step 500 of 1,000 showed the initial weights of a network of MNIST's size."""
    page = own_page
    run_id = train_run(store, small(hidden=(1_060,), epochs=100))
    steps = [keyframe.step for keyframe in store.load(run_id).telemetry.keyframes]
    assert len(steps) >= MIN_KEYFRAMES
    open_board(page, f"{own_server.url}/?run={run_id}")
    until(lambda: number(page, "step") == 1_000, "the run is on the board")
    label, fork = page.locator(".rs-timeline output"), page.get_by_role("button", name="Fork here")
    keyframe = max(step for step in steps if step <= 500)
    after = next(step for step in steps if step > 500)
    look_back(page, keyframe)
    until(lambda: label.inner_text() == f"step {keyframe}" and fork.is_enabled(), "the keyframe is shown")
    far = after - 1
    assert far - keyframe > 20, "more than 2 % of the run"
    look_back(page, far)
    until(
        lambda: label.inner_text() == f"step {far}, weights of step {keyframe}",
        "the weights of the previous keyframe are shown",
    )
    until(lambda: not fork.is_enabled(), "Fork here is disabled")
    assert f"are those of step {keyframe}. Look back at that step to fork." in fork.get_attribute("title")
    note = page.locator('[data-panel="weights"]').get_by_text(f"Weights of step {keyframe}.")
    until(lambda: note.count() == 1, "the panel names the step of its weights")
    page.get_by_role("button", name="Live", exact=True).click()
    until(lambda: label.inner_text() == "now" and fork.is_enabled(), "the newest step can be forked")


def test_the_board_follows_a_run_of_the_command_line(own_page, own_server, home, store):
    page = own_page
    other = subprocess.Popen(
        [sys.executable, "-m", "dashboard.commands.cli", "train", "--epochs", "1000000", "--name", "theirs"],
        env={**os.environ, **home},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: bool(store.list()) and store.list()[0].step > 0, "the run is stored")
        run_id = store.list()[0].id
        open_board(page, f"{own_server.url}/?run={run_id}")
        until(lambda: state(page) == "trained by another Regscope", "the board shows where the run is trained")
        before = number(page, "step")
        until(lambda: number(page, "step") > before, "the board is updated without a click")
        assert page.get_by_text("Another Regscope on this machine trains this run").count()
        assert not page.get_by_role("button", name="Resume", exact=True).count()
        drawn = (
            'document.querySelector(`[data-panel="weights"] .js-plotly-plot`)._fullData.some((t) => t.y?.length > 1)'
        )
        until(lambda: page.evaluate(drawn), "the weights are drawn")
        result = subprocess.run(
            [sys.executable, "-m", "dashboard.commands.cli", "runs", "delete", run_id, "--yes"],
            env={**os.environ, **home},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 2
        assert "is being trained or paused and cannot be deleted" in result.stderr
    finally:
        other.kill()
        other.wait()
    until(lambda: state(page) == "interrupted", "the run is interrupted")
    press(page, "Resume")
    until(lambda: state(page) == "running", "this server trains the run")


def test_a_moved_store_is_reported_and_saving_continues(own_page, own_server, store):
    page = own_page
    open_board(page, own_server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 50, "the run trains")
    run_id = board(page).get_attribute("data-run-id")
    until(lambda: store.load_about(run_id) is not None, "the run is stored")
    press(page, "Pause")
    press(page, "Resume")  # a script run in which the page finds the file
    store.path.parent.rename(store.path.parent.with_name("moved"))
    warning = page.get_by_text(re.compile("The file of stored runs, .* was moved or deleted"))
    until(lambda: warning.count() > 0, "the warning is shown without a click")
    until(lambda: store.path.exists() and store.load_about(run_id) is not None, "the run is stored again")
    page.goto(f"{own_server.url}/?view=runs")
    until(lambda: warning.count() > 0, "the page of runs shows the warning")


def test_a_run_larger_than_the_limit_of_own_data_is_imported(own_page, own_server, store, tmp_path):
    page = own_page
    other = Store(tmp_path / "other" / "runs.sqlite")
    run_id = train_run(other, small(hidden=(1500, 1500), epochs=2))
    file = tmp_path / "run.json"
    file.write_text(to_json(other.load(run_id)))
    assert file.stat().st_size > 22 << 20
    page.goto(f"{own_server.url}/?view=runs")
    page.get_by_role("button", name="Import").first.click()
    assert page.get_by_text("Up to 256 MB each").count() == 1
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_text("run.json").first.wait_for()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Import", exact=True).click()
    until(lambda: store.load_about(run_id) is not None, "the run is stored")
