"""The program that makes a run again: it is run, and gives the last digit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import RunConfig
from engine.runs.export.program import program
from engine.runs.export.table import EXPORTS
from tests.engine.runs.driving import small
from tests.slowing import PATIENCE

CONFIGS = {
    "default": (small(), {}, None),
    "L1 and max-norm": (small(l2=0.0, l1=0.3, l1_rule="proximal", max_norm=1.5, drop_probability=0.0), {}, None),
    "changed while it trained": (small(seed=3), {7: {"l2": 0.0}, 13: {"drop_probability": 0.25}}, None),
    "stopped in the middle of an epoch": (small(), {}, 27),
    "stopped early": (small(epochs=30, stop_on="accuracy", patience=2), {}, None),
    "float64": (small(dtype="float64", hidden=(7, 6), activation="tanh"), {}, None),
}


def output(text: str, folder: Path) -> str:
    path = folder / "again.py"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(path)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60 * PATIENCE,
        check=False,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", CONFIGS)
def test_it_gives_the_last_cost_to_the_last_digit(trained, name, tmp_path):
    config, changes, until = CONFIGS[name]
    record = trained(config, changes, until)
    text = EXPORTS["program"].make(record.about.initial_config, record.telemetry).decode()
    assert text.count("\n") <= 20
    step, training, judge = output(text, tmp_path).split()
    assert int(step) == record.telemetry.step
    if until is None:
        last = record.telemetry.snapshot
        assert (float(training), float(judge)) == (last.training.cost, last.judge.cost)
        assert (training, judge) == (repr(last.training.cost), repr(last.judge.cost))


HOSTILE = [
    '"); import os; os.abort(); ("',
    "'''\nraise SystemExit(7)\n'''",
    "x\\",
    "\n__import__('os').abort()",
    "\u2028",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_a_string_in_it_and_never_code(name, tmp_path):
    text = program(RunConfig.demo(dataset=name))
    (tmp_path / "check.py").write_text(
        "import ast, sys\n"
        "tree = ast.parse(open('again.py', encoding='utf-8').read())\n"
        "calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]\n"
        "config = next(call for call in calls if getattr(call.func, 'id', '') == 'RunConfig')\n"
        "print(repr(ast.literal_eval(config.keywords[0].value)), len(tree.body))\n"
    )
    (tmp_path / "again.py").write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "check.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    found, statements = done.stdout.rsplit(" ", 1)
    plain = program(RunConfig.demo(dataset="digits2"))
    assert found == repr(name)
    (tmp_path / "again.py").write_text(plain, encoding="utf-8")
    done = subprocess.run([sys.executable, "check.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.rsplit(" ", 1)[1] == statements
