"""The export menu: every file is downloaded and read."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys

import numpy as np
import pyarrow.parquet as parquet
import pytest

from engine.runs.export.weights import load_weights
from engine.runs.store.json_file import from_json
from tests.browser.board import number, open_board, train_to_the_end
from tests.slowing import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def open_menu(page):
    page.locator(".st-key-export button").first.click()
    page.get_by_text("Each file contains the run up to the moment of your click.").wait_for()


def downloaded(page, label, folder):
    """Download the file of a row of the menu and return its path."""
    with page.expect_download(timeout=60_000 * PATIENCE) as waiting:
        page.get_by_role("button", name=label, exact=True).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_every_file_of_the_export_menu_has_its_format(page, server, tmp_path):
    open_board(page, server.url)
    page.locator(".st-key-export button").first.click()
    page.get_by_text("There is no run yet").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("spinbutton", name="Epochs").fill("12")
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="full", exact=True).click()
    run_id = train_to_the_end(page)
    last = number(page, "step")
    open_menu(page)

    names = set()
    for label in ("Replay, one page (.html)", "Series over the epochs (.csv)", "Cost of the mini-batches (.csv)"):
        names.add(downloaded(page, label, tmp_path).name)
    run_file = downloaded(page, "Whole run (.json)", tmp_path)
    record = from_json(run_file.read_text())
    assert (record.about.id, record.about.step, record.about.state) == (run_id, last, "finished")
    names.add(run_file.name)

    series = next(tmp_path.glob("*series*.csv"))
    rows = list(csv.DictReader(io.StringIO(series.read_text())))
    assert len(rows) == 13, "one row before the first epoch and one after each epoch"
    table = parquet.read_table(downloaded(page, "Series over the epochs (.parquet)", tmp_path))
    assert table.num_rows == 13
    assert list(rows[0]) == table.column_names
    costs = list(csv.DictReader(io.StringIO(next(tmp_path.glob("*costs*.csv")).read_text())))
    assert (costs[0]["step"], costs[-1]["step_end"]) == ("1", str(last)), "the merged rows cover all steps"

    for ending in (".npz", ".safetensors"):
        path = downloaded(page, f"Weights ({ending})", tmp_path)
        parameters, config = load_weights(path)
        assert config == record.about.initial_config
        assert [w.shape for w in parameters.weights] == [(64, 100), (100, 10)]
        names.add(path.name)
    data = downloaded(page, "Data of this run, with noise (.npz)", tmp_path)
    with np.load(data, allow_pickle=False) as arrays:
        assert any(array.shape[0] == 500 for array in arrays.values() if array.ndim)
    names.add(data.name)

    program = downloaded(page, "Program that repeats this run (.py)", tmp_path)
    output = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, timeout=120 * PATIENCE, check=True
    ).stdout
    assert repr(record.telemetry.snapshot.training.cost) in output
    names.add(program.name)
    assert len(names) == 8, "all names differ"
    assert all(re.fullmatch(r"regscope-[\w.-]+", name) for name in names)
    assert json.loads(run_file.read_text())["about"]["id"] == run_id
