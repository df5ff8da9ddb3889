"""The exported program repeats a run exactly."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import engine
from engine import RunConfig
from engine.runs.export.program import program_text
from engine.runs.export.table import EXPORTS
from tests.engine.runs.driving import small
from tests.slowing import PATIENCE

CONFIGS = {
    "default": (small(), {}, None),
    "L1 and max-norm": (small(l2=0.0, l1=0.3, l1_rule="proximal", max_norm=1.5, drop_probability=0.0), {}, None),
    "live changes": (small(seed=3), {7: {"l2": 0.0}, 13: {"drop_probability": 0.25}}, None),
    "stopped in the middle of an epoch": (small(), {}, 27),
    "stopped early": (small(epochs=30, stop_on="accuracy", patience=2), {}, None),
    "float64": (small(dtype="float64", hidden=(7, 6), activation="tanh"), {}, None),
}


def output_of(text: str, folder: Path) -> str:
    path = folder / "program.py"
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
def test_the_program_prints_the_last_costs_of_the_run_exactly(trained, name, tmp_path):
    config, changes, until = CONFIGS[name]
    record = trained(config, changes, until)
    text = EXPORTS["program"].make_content(record.about.initial_config, record.telemetry).decode()
    assert text.count("\n") <= 26
    step, training, evaluation = output_of(text, tmp_path).split()
    assert int(step) == record.telemetry.step
    if until is None:
        last = record.telemetry.snapshot
        assert (float(training), float(evaluation)) == (last.training.cost, last.evaluation.cost)
        assert (training, evaluation) == (repr(last.training.cost), repr(last.evaluation.cost))


@pytest.mark.parametrize("config", [RunConfig(), RunConfig.demo()], ids=["default", "demo"])
def test_the_program_sets_every_field_even_to_its_default(config):
    (assignment,) = [each for each in ast.parse(program_text(config)).body if ast.unparse(each).startswith("config = ")]
    values = {each.arg: ast.literal_eval(each.value) for each in assignment.value.keywords}
    assert list(values) == [each.name for each in fields(RunConfig)]
    assert values == config.to_dict()


OTHER_DEFAULTS = """
_defaults = dict(zip(RunConfig.__init__.__code__.co_varnames[1:], RunConfig.__init__.__defaults__, strict=False))
RunConfig.__init__.__defaults__ = tuple({**_defaults, **DEMO, "epochs": 3, "seed": 99}.values())
"""


@pytest.mark.parametrize("config", [RunConfig(), RunConfig.demo()], ids=["default", "demo"])
def test_the_program_gives_the_same_config_if_the_defaults_change(config, tmp_path):
    """The program runs with a copy of the engine that has other defaults."""
    shutil.copytree(Path(engine.__file__).parent, tmp_path / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    with open(tmp_path / "engine" / "config.py", "a", encoding="utf-8") as file:
        file.write(OTHER_DEFAULTS)
    text = program_text(config).split("training = ")[0] + "print(config.to_dict(), RunConfig().to_dict())\n"
    found, default = output_of(text, tmp_path).split("} {")
    assert ast.literal_eval(found + "}") == config.to_dict()
    assert ast.literal_eval("{" + default) == RunConfig.demo(epochs=3, seed=99).to_dict(), "the copy was not used"


HOSTILE = [
    '"); import os; os.abort(); ("',
    "'''\nraise SystemExit(7)\n'''",
    "x\\",
    "\n__import__('os').abort()",
    "\u2028",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_the_name_of_a_data_set_is_never_executed(name, tmp_path):
    text = program_text(RunConfig.demo(dataset=name))
    (tmp_path / "check.py").write_text(
        "import ast, sys\n"
        "tree = ast.parse(open('program.py', encoding='utf-8').read())\n"
        "calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]\n"
        "config = next(call for call in calls if getattr(call.func, 'id', '') == 'RunConfig')\n"
        "print(repr(ast.literal_eval(config.keywords[0].value)), len(tree.body))\n"
    )
    (tmp_path / "program.py").write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "check.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    found, statements = done.stdout.rsplit(" ", 1)
    plain = program_text(RunConfig.demo(dataset="digits2"))
    assert found == repr(name)
    (tmp_path / "program.py").write_text(plain, encoding="utf-8")
    done = subprocess.run([sys.executable, "check.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.rsplit(" ", 1)[1] == statements
