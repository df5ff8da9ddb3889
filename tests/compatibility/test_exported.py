"""A run and a program that version 0.1.0 exported can still be used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import engine
from engine import Change, RunConfig
from tests.compatibility import places
from tests.compatibility.results import FOLDER, differences, record_values, recorded, trained_differences

STORED = recorded("store.json")
RUN_ID = STORED["names"]["live changes"]  # the run in exported.json; the store contains it, too
EXPORTED = (FOLDER / "exported.json").read_text(encoding="utf-8")
PROGRAM = recorded("exported_program.json")


# The exported run


def test_the_exported_run_is_read_as_it_was_written() -> None:
    assert differences(STORED["runs"][RUN_ID], record_values(places.from_json(EXPORTED))) == []


def test_the_exported_run_is_imported_completely(tmp_path: Path) -> None:
    store = places.Store(tmp_path / "runs.sqlite")
    run_id, _ = places.import_record(store, places.from_json(EXPORTED))
    record = store.load(run_id)
    assert record is not None
    assert differences(STORED["runs"][RUN_ID], record_values(record)) == []


def test_importing_a_stored_run_does_not_change_it(tmp_path: Path) -> None:
    store = places.Store(shutil.copy(FOLDER / "store.sqlite3", tmp_path / "runs.sqlite"))
    assert places.import_record(store, places.from_json(EXPORTED))[0] == RUN_ID
    assert [about.id for about in store.list()] == STORED["listed"]


# The exported program


def test_the_exported_program_prints_the_recorded_figures(tmp_path: Path) -> None:
    """The program uses public names only, and omits only fields with unchanged defaults."""
    text = (FOLDER / "exported.py.txt").read_text(encoding="utf-8")
    assert printed_differences(text, PROGRAM["output"], PROGRAM["config"], tmp_path) == []


@pytest.mark.parametrize(("step", "output"), [(None, "output"), (PROGRAM["stopped_at"], "output_stopped")])
def test_a_newly_exported_program_prints_the_recorded_figures(step: int | None, output: str, tmp_path: Path) -> None:
    changes = [Change(change["step"], change["fields"]) for change in PROGRAM["changes"]]
    text = places.program_text(RunConfig.from_dict(PROGRAM["config"]), changes, step)
    assert printed_differences(text, PROGRAM[output], PROGRAM["config"], tmp_path) == []


def test_a_program_exported_for_the_demo_prints_the_recorded_figures(tmp_path: Path) -> None:
    """A program omits the fields that have their defaults."""
    config = PROGRAM["demo_config"]
    text = places.program_text(RunConfig.from_dict(config))
    assert printed_differences(text, PROGRAM["demo_output"], config, tmp_path) == []


def printed_differences(text: str, expected: str, config: dict[str, Any], folder: Path) -> list[str]:
    """Run a program and compare what it prints with the recorded output."""
    path = folder / "program.py"
    path.write_text(text, encoding="utf-8")
    paths = [str(Path(engine.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    process = subprocess.run(
        [sys.executable, str(path)], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    return trained_differences(metrics(expected), metrics(process.stdout), config["dtype"])


def metrics(output: str) -> dict[str, Any]:
    """The step and the two costs that a program prints."""
    step, training, evaluation = output.split()
    return {"step": int(step), "training": float(training), "evaluation": float(evaluation)}
