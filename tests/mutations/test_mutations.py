"""The mutations are valid, the sample is even and repeatable, and the tests notice a changed copy."""

from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path

import pytest

from tests.mutations.javascript import javascript_mutations
from tests.mutations.mutation import Mutation, mutation_at, sample
from tests.mutations.runner import NOTICED, SURVIVED, Copy
from tests.mutations.selection import MODULE_TESTS, mirroring, stages

ROOT = Path(__file__).parents[2]
PYTHON = '''
def first(values: list[int] | None, at: int = 1) -> "str":
    """Return a name."""
    if values is None:
        return "none"
    if len(values) < at + 2:
        raise ValueError("a sentence is no key")
    values[0] = 3
    print(values)
    for value in values:
        continue
    return f"{at:>3}" and not True
'''
JAVASCRIPT = """// a === b
import { el } from "./dom.js";
export function first(values, at) {
  if (values === undefined) return "none";
  const pattern = values.match(/a < 3 || "x"/);
  if (values.length > at + 2 && !pattern) values.push({ 1: true });
  this.values = `${at} === "b"`;
}
"""


def changes(mutations: list[Mutation], operator: str) -> set[str]:
    """Return the new lines of the mutations of one operator."""
    return {each.diff.splitlines()[-1][1:].strip() for each in mutations if operator in each.operator}


def python_mutations(text: str) -> list[Mutation]:
    pytest.importorskip("cosmic_ray", reason='pip install -e ".[dev]"')
    from tests.mutations.python import python_mutations

    return python_mutations("a.py", text)


@pytest.mark.dev
def test_each_python_operator_makes_its_change():
    found = python_mutations(PYTHON)
    assert changes(found, "removed guard") == {"if False:"}
    assert changes(found, "deleted statement") == {"pass"}
    assert changes(found, "wrong string") == {"return 'nonex'"}
    assert changes(found, "Lt_LtE") == {"if len(values) <= at + 2:"}
    assert changes(found, "Add_Sub") == {"if len(values) < at - 2:"}
    assert changes(found, "ZeroIteration") == {"for value in []:"}
    assert changes(found, "ReplaceContinue") == {"break"}
    assert len({each.mutated for each in found}) == len(found)
    for each in found:
        ast.parse(each.mutated)
        assert each.mutated != PYTHON


@pytest.mark.dev
def test_signatures_and_docstrings_are_not_changed():
    assert min(each.line for each in python_mutations(PYTHON)) == 4


@pytest.mark.dev
def test_a_change_after_multibyte_characters_is_at_the_right_place():
    (found,) = [each for each in python_mutations('x = ("η→λ", "name")\n') if "\"η→λ\", 'namex'" in each.mutated]
    assert found.line == 1


def test_each_javascript_operator_makes_its_change():
    found = javascript_mutations("a.js", JAVASCRIPT)
    assert changes(found, "removed guard") == {'if (false && values === undefined) return "none";'}
    assert changes(found, "operator") == {
        'if (values !== undefined) return "none";',
        "if (values.length >= at + 2 && !pattern) values.push({ 1: true });",
        "if (values.length > at - 2 && !pattern) values.push({ 1: true });",
        "if (values.length > at + 2 || !pattern) values.push({ 1: true });",
    }
    assert changes(found, "wrong string") == {'if (values === undefined) return "nonex";'}
    assert changes(found, "deleted statement") == {";"}
    assert {each.line for each in found} == {4, 6, 7}


def test_every_javascript_mutation_can_be_parsed():
    driver = pytest.importorskip("playwright._impl._driver", reason="pip install playwright")
    files = sorted(path for part in ("live", "replay") for path in (ROOT / "dashboard" / part / "assets").rglob("*.js"))
    found = [each for path in files for each in javascript_mutations(path.name, path.read_text(encoding="utf-8"))]
    assert len(found) > 500
    parse = """
        const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const { SourceTextModule } = require("vm");
        const parses = (text) => { try { new SourceTextModule(text); return true; } catch { return false; } };
        console.log(JSON.stringify(texts.map(parses)));
    """
    node = driver.compute_driver_executable()[0]
    texts = json.dumps([*(each.mutated for each in found), "const = 1"])
    command = [node, "--experimental-vm-modules", "-e", parse]
    result = subprocess.run(command, input=texts, capture_output=True, text=True, check=True)
    *parsed, wrong = json.loads(result.stdout)
    assert [each.diff for each, is_valid in zip(found, parsed, strict=True) if not is_valid] == []
    assert wrong is False


def every_second_line(file: str, text: str, line: int) -> list[Mutation]:
    return [Mutation(file, line, operator, text, text + operator) for operator in "ab" if line % 2 == 0]


def test_the_sample_is_even_and_repeatable(tmp_path):
    (tmp_path / "long.py").write_text("x\n" * 300)
    (tmp_path / "short.py").write_text("x\n" * 100)
    files = ["long.py", "short.py"]
    first = sample(tmp_path, files, every_second_line, 40, seed=1)
    assert first == sample(tmp_path, files[::-1], every_second_line, 40, seed=1)
    assert first != sample(tmp_path, files, every_second_line, 40, seed=2)
    assert abs(sum(each.file == "long.py" for each in first) - 30) <= 1
    assert len({(each.file, each.line) for each in first}) == 40


def test_the_key_of_a_change_does_not_depend_on_its_line():
    one = mutation_at("a.py", "\nx = 1\n", "number", 5, 6, "2")
    other = mutation_at("a.py", "\n\n\n  x = 1\n", "number", 9, 10, "2")
    assert one.key == other.key == ("a.py", "- x = 1\n+ x = 2")
    assert (one.line, other.line) == (2, 4)


def test_the_tests_named_after_a_file_come_first(tmp_path):
    files = {
        "engine/a/sums.py": "def add(): ...",
        "engine/a/rest.py": "def spare(): ...",
        "tests/engine/a/test_sums.py": "from engine.a.sums import add",
        "tests/engine/a/test_sums_large.py": "",
        "tests/engine/a/test_other.py": "",
        "tests/engine/test_use.py": "add() + add()",
        "tests/dashboard/test_far.py": "from engine.a import sums",
        "tests/browser/test_page.py": "add()",
    }
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    same_folder = [f"tests/engine/a/test_{name}.py" for name in ("other", "sums", "sums_large")]
    assert stages(tmp_path, "engine/a/sums.py") == [
        same_folder[1:],
        ["tests/dashboard/test_far.py", "tests/engine/test_use.py", same_folder[0]],
    ]
    assert mirroring(tmp_path, "engine/a/rest.py") == same_folder
    assert mirroring(tmp_path, "engine/a/deeper/none.py") == same_folder


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("live/assets/panels/legend.js", {"test_legend", "test_modules"}),
        ("live/assets/run_board.js", {"test_run_board"}),
        ("replay/assets/player.js", {"test_modules", "test_player"}),
    ],
)
def test_the_tests_that_load_a_module_come_first(file, names):
    first, others, _ = stages(ROOT, f"dashboard/{file}")
    assert {Path(test).stem for test in first} == {"test_assets", *names}
    assert {*first[1:], *others} == {
        test.relative_to(ROOT).as_posix() for test in (ROOT / MODULE_TESTS).glob("test_*.py")
    }


@pytest.mark.parametrize("part", ["live", "replay"])
def test_the_tests_of_javascript_exist(part):
    for tests in stages(ROOT, f"dashboard/{part}/assets/none.js"):
        assert all((ROOT / test).is_file() for test in tests)


@pytest.fixture
def project(tmp_path) -> Path:
    """A project with two functions and a test of one of them."""
    root = tmp_path / "project"
    for folder in ("engine", "dashboard", "benchmarks", "docs", "tests/engine", ".streamlit", ".ci"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\nmarkers = ['slow', 'browser']\n")
    for file in ("README.md", "engine/__init__.py"):
        (root / file).write_text("")
    (root / "engine" / "sums.py").write_text("def add(a, b):\n    return a + b\n\ndef spare():\n    return 1\n")
    (root / "tests" / "engine" / "test_sums.py").write_text(
        "from engine.sums import add\n\ndef test_add():\n    assert add(2, 3) == 5\n"
    )
    return root


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "timeout", "result"),
    [
        ("a + b", "a - b", 100, NOTICED),
        ("return 1", "return 2", 100, SURVIVED),
        ("return a", "while 1: pass\n    return a", 8, NOTICED),
    ],
)
def test_a_change_is_noticed_if_a_test_fails_or_takes_too_long(project, tmp_path, old, new, timeout, result):
    copy = Copy(project, tmp_path / "copy", timeout)
    text = (project / "engine" / "sums.py").read_text()
    start = text.index(old)
    mutation = mutation_at("engine/sums.py", text, "", start, start + len(old), new)
    for _ in range(2):  # the second time with compiled files of the first
        assert copy.try_out(mutation)[0] == result
    assert (project / "engine" / "sums.py").read_text() == text
    assert (tmp_path / "copy" / "engine" / "sums.py").read_text() == text
