"""Applies every section of docs/extending.md to a copy of the tree: its code blocks are complete."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.structure import folders, structure
from tests.slowing import PATIENCE

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
SECTIONS: dict[str, str] = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL))
every_section = pytest.mark.parametrize("title", SECTIONS)

# The files that each section edits or adds by hand.
WRITTEN = {
    "A penalty": {
        "engine/families/penalties/log_penalty.py",
        "engine/families/penalties/__init__.py",
        "engine/config.py",
    },
    "An activation": {"engine/families/activations.py"},
    "A data set": {"engine/data/planar.py"},
    "A panel": {"dashboard/charts/panels/gap.py", "dashboard/charts/panels/catalogue.py"},
    "A page": {"dashboard/pages/settings.py", "dashboard/pages/catalogue.py"},
}
# The files that the first command of a section generates.
GENERATED = {"A penalty": {"docs/board.md", "docs/links.md", "docs/suggested.md"}, "An activation": {"docs/links.md"}}
COPIED = {  # folders and what is not copied; the bytecode of the program is copied, which halves the time
    "engine": (),
    "dashboard": (),
    "docs": ("pictures",),
    "tests": ("__pycache__", "browser", "benchmarks", "compatibility"),
    ".streamlit": (),
}
TOOL_FOLDERS = {"__pycache__", ".pytest_cache", ".hypothesis"}


def blocks(section: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def new_files(section: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each new file."""
    for block in blocks(section, "python"):
        first, _, text = block.partition("\n")
        assert first.startswith("# "), f"a block of code without a path: {first}"
        yield first.removeprefix("# "), text


def edits(section: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, old lines and new lines of each edit."""
    for block in blocks(section, "diff"):
        path, _, changes = block.partition("\n")
        for place in changes.split("@@\n"):
            # an editor may remove the space of an empty line
            lines = [line or " \n" for line in place.splitlines(keepends=True)]
            assert all(line[0] in " +-" for line in lines), place
            yield (
                path,
                "".join(line[1:] for line in lines if line[0] in " -"),
                "".join(line[1:] for line in lines if line[0] in " +"),
            )


def apply(section: str, root: Path) -> None:
    for path, text in new_files(section):
        assert not (root / path).exists(), f"{path} exists"
        (root / path).write_text(text, encoding="utf-8")
    for path, before, after in edits(section):
        text = (root / path).read_text(encoding="utf-8")
        places = list(re.finditer(rf"^{re.escape(before)}", text, re.MULTILINE))
        assert len(places) == 1, f"{len(places)} places in {path} instead of one:\n{before}"
        text = text[: places[0].start()] + after + text[places[0].end() :]
        (root / path).write_text(text, encoding="utf-8")


def digests(root: Path) -> dict[str, str]:
    """Return a checksum of every file except the caches of Python, pytest and Hypothesis."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and not TOOL_FOLDERS & set(path.parts)
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the parts of the tree that the members of the families need."""
    root = tmp_path / "tree"
    for folder, left_out in COPIED.items():
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns(*left_out))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def run(command: str, root: Path) -> str:
    """Run a command of the guide in a tree with this interpreter; the command must succeed."""
    program, *arguments = shlex.split(command)
    start = ["-c", "from dashboard.commands.cli import main; main()"] if program == "regscope" else []
    excluded = ("PYTEST_", "COV_")  # variables of the outer test run
    environment = {name: value for name, value in os.environ.items() if not name.startswith(excluded)}
    result = subprocess.run(
        [sys.executable, "-P", *start, *arguments],
        cwd=root,
        env=environment | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=300 * PATIENCE,
        check=False,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def test_the_guide_has_a_section_for_each_family():
    assert set(SECTIONS) == set(WRITTEN)
    assert all(blocks(section, "bash") for section in SECTIONS.values())


@every_section
def test_a_new_member_changes_only_its_file_and_a_table(copy, title):
    """A new member adds no import cycle."""
    before = digests(copy)
    apply(SECTIONS[title], copy)
    after = digests(copy)
    assert {path for path in after if before.get(path) != after[path]} == WRITTEN[title]
    changed_folders = {(copy / path).parent for path in WRITTEN[title]}
    parents = {folder for path in changed_folders for folder in folders(copy) if path.is_relative_to(folder)}
    assert {folder.name for folder in parents} & {"engine", "dashboard"}
    assert [structure(folder, copy).cycles for folder in parents] == [()] * len(parents)


@pytest.mark.slow
@every_section
def test_a_new_member_passes_the_tests_of_its_family(copy, title):
    apply(SECTIONS[title], copy)
    before = digests(copy)
    for block in blocks(SECTIONS[title], "bash"):
        for command in block.splitlines():
            output = run(command, copy)
            if "pytest" in command:
                found = re.search(r"(\d+) passed", output)
                assert found, output
                assert int(found[1]) >= 3, "the tests of the family include the new member"
    after = digests(copy)
    assert {path for path in after if before.get(path) != after[path]} == GENERATED.get(title, set())


def test_an_edit_that_matches_no_place_or_two_places_is_refused(tmp_path):
    (tmp_path / "some.py").write_text("a = 1\nb = 2\na = 1\n")
    for line in ("a = 1", "c = 3", " b = 2"):
        with pytest.raises(AssertionError, match="places in some"):
            apply(f"```diff\nsome.py\n {line}\n+d = 4\n```\n", tmp_path)
    apply("```diff\nsome.py\n-b = 2\n+c = 3\n```\n", tmp_path)
    assert (tmp_path / "some.py").read_text() == "a = 1\nc = 3\na = 1\n"
