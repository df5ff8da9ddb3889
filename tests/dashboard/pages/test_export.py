"""The export menu without a browser: what it offers, when, and what each file is called."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from dashboard.live.hub import the_hub
from dashboard.pages import export
from engine import RunConfig
from engine.runs import states
from engine.runs.export.table import EXPORTS
from tests.dashboard.app_pages import press
from tests.processes import wait_until


def offered(page):
    """Each file of the menu, and whether it can be had."""
    return {row.label: not row.disabled for row in page.download_button}


def test_before_a_run_the_menu_says_what_will_be_there(open_page):
    page = open_page()
    assert not offered(page)
    assert any("There is no run yet" in each.value for each in page.caption)


def test_of_a_run_that_waits_for_its_turn_the_menu_says_so_until_it_has_begun(open_page, monkeypatch):
    monkeypatch.setattr(the_hub().manager.queue, "cap", 0)
    page = open_page()
    run = press(page, "Start")
    assert run.state == states.QUEUED
    assert not offered(page)
    assert any("has not begun" in each.value for each in page.caption)
    press(page, "Step")  # it takes no turn
    wait_until(lambda: run.telemetry.step == 1)
    page.run()
    assert offered(page)


def test_everything_of_the_table_a_replay_and_the_whole_run_are_offered(open_page):
    page = open_page()
    press(page, "Step")
    assert len(offered(page)) == len(EXPORTS) + 2
    assert {"Replay, one page (.html)", "Whole run (.json)"} <= set(offered(page))


def test_what_takes_an_extra_cannot_be_pressed_and_says_how_to_get_it(open_page, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)  # as where it is not installed
    page = open_page()
    press(page, "Step")
    (label,) = [label for label, can in offered(page).items() if not can]
    assert label.startswith("Network (.onnx): ")
    assert 'pip install "regscope[onnx]"' in label


def test_data_that_are_gone_are_told_with_the_way_out_and_the_rest_can_still_be_had(open_page, monkeypatch):
    page = open_page()
    run = press(page, "Step")
    wait_until(lambda: run.telemetry.step == 1)
    run.initial_config = replace(run.initial_config, dataset="own:0123456789abcdef")
    page.run()
    (label,) = [label for label, can in offered(page).items() if not can and "onnx" not in label]
    assert label.startswith("Data as used, noise and all (.npz): ")
    assert "0123456789abcdef" in label


def test_the_program_is_shown_to_be_read_and_copied(open_page):
    page = open_page()
    run = press(page, "Step")
    (program,) = [code.value for code in page.code if "import" in code.value]
    compile(program, "program", "exec")
    assert "RunConfig(train_size=500, label_noise=0.3, l2=1.0, drop_probability=0.5)" in program
    assert run.initial_config == RunConfig.demo()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("", "regscope-digits-"), ("../../etc/λ = 1", "regscope-etc-λ-1-"), ("///", "regscope-digits-")],
)
def test_a_file_is_called_after_its_run_and_never_leaves_its_folder(open_page, name, expected):
    page = open_page()
    run = press(page, "Step")
    run.name = name
    assert export._name(run) == f"{expected}{run.id[:8]}"


def test_every_file_is_made_of_a_run_that_has_only_begun(open_page):
    page = open_page()
    run = press(page, "Step")
    wait_until(lambda: run.telemetry.step == 1)
    for made in EXPORTS.values():
        if made.missing(run.initial_config, run.telemetry) is None:
            assert export._made(run, made.make)
    assert the_hub().manager.get(run.id) is run
