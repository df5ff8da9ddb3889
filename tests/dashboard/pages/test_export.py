"""The export menu without a browser: its files, when they are available, and their names."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from dashboard.live.hub import get_hub
from dashboard.pages import export
from dashboard.replay.exports import EXPORTS, Source
from engine import RunConfig
from engine.runs import states
from engine.runs.server.run import Run
from tests.dashboard.app_pages import press
from tests.processes import wait_until


def menu_files(page):
    """Return whether each file of the menu can be downloaded, by its label."""
    return {row.label: not row.disabled for row in page.download_button}


def test_before_a_run_the_menu_has_no_files(open_page):
    page = open_page()
    assert not menu_files(page)
    assert any("There is no run yet" in each.value for each in page.caption)


def test_the_menu_of_a_queued_run_has_no_files_before_it_trains(open_page, monkeypatch):
    monkeypatch.setattr(get_hub().manager.queue, "cap", 0)
    page = open_page()
    run = press(page, "Start")
    assert run.state == states.QUEUED
    assert not menu_files(page)
    assert any("has not trained yet" in each.value for each in page.caption)
    press(page, "Step")  # a step does not wait in the queue
    wait_until(lambda: run.telemetry.step == 1)
    page.run()
    assert menu_files(page)


def test_the_menu_offers_every_export_of_the_table(open_page):
    page = open_page()
    press(page, "Step")
    assert len(menu_files(page)) == len(EXPORTS)
    assert {"Replay, one page (.html)", "Whole run (.json)"} <= set(menu_files(page))


def test_a_missing_extra_disables_its_file_with_a_reason(open_page, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)  # as if onnx were not installed
    page = open_page()
    press(page, "Step")
    (label,) = [label for label, can in menu_files(page).items() if not can]
    assert label.startswith("Network (.onnx): ")
    assert 'pip install "regscope[onnx]"' in label


def test_a_missing_data_set_disables_only_its_file(open_page, monkeypatch):
    page = open_page()
    run = press(page, "Step")
    wait_until(lambda: run.telemetry.step == 1)
    run.initial_config = replace(run.initial_config, dataset="own:0123456789abcdef")
    page.run()
    (label,) = [label for label, can in menu_files(page).items() if not can and "onnx" not in label]
    assert label.startswith("Data of this run, with noise (.npz): ")
    assert "0123456789abcdef" in label


def test_the_menu_shows_the_program(open_page):
    page = open_page()
    run = press(page, "Step")
    (program,) = [code.value for code in page.code if "import" in code.value]
    compile(program, "program", "exec")
    for line in ("train_size=500", "label_noise=0.3", "l2=1.0", "drop_probability=0.5"):
        assert f"{line}," in program
    assert run.initial_config == RunConfig.demo()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "regscope-L2-lambda-1-dropout-0.5-digits-3"),
        ("../../etc/λ = 1", "regscope-etc-lambda-1-0123abcd"),
        ("///", "regscope-run-0123abcd"),
        ("a" * 100, "regscope-" + "a" * 51 + "-0123abcd"),
    ],
)
def test_a_file_name_contains_the_name_of_the_run_and_no_folder(open_page, name, expected):
    page = open_page()
    run = press(page, "Step")
    run.id, run.name, run.default_name = "0123abcd" * 2, name, "L2 λ 1, dropout ½ · digits · 3"
    assert export.file_stem(run) == expected


def test_a_long_default_name_keeps_its_number_in_the_file_name():
    run = Run(RunConfig(), None)
    run.default_name = f"{'L1 λ 1, ' * 20}dropout ½ · digits · 12"
    stem = export.file_stem(run)
    assert stem.startswith("regscope-L1-lambda-1-")
    assert stem.endswith("-12")
    assert len(stem) <= len("regscope-") + 60


def test_every_file_can_be_made_after_one_step(open_page):
    page = open_page()
    run = press(page, "Step")
    wait_until(lambda: run.telemetry.step == 1)
    source = Source(run, lambda: export.stored_record(run))
    for each in EXPORTS.values():
        if each.unavailable_reason(source) is None:
            assert each.make_content(source)
    assert get_hub().manager.get(run.id) is run
