"""The house in numbers: few rooms a folder, no cycles, tests that mirror the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.structure import ROOT, cycles, file_imports, folders, structure
from engine.families.penalties import PENALTIES

FOLDERS = [folder.relative_to(ROOT).as_posix() for folder in folders()]
# A family's own folder has a file for each member and may hold more.
FAMILIES = {"dashboard/charts/panels", "engine/runs/extracts", "engine/families/penalties"}
MOST_ROOMS = 17
# Files outside the family of penalties that may name the config field of a penalty.
NAME_A_PENALTY = {
    "engine/config.py": "declares the fields, and the demonstration has an L2",
    "engine/book.py": "the book's own runs have an L2",
    "engine/__init__.py": "the example in its docstring has an L2",
    "dashboard/sidebar/suggestions.py": "a preset: the first settings of a generated data set have an L2",
}
every_folder = pytest.mark.parametrize("folder", FOLDERS)


@every_folder
def test_a_folder_has_no_import_cycle_among_its_rooms(folder):
    assert structure(ROOT / folder).cycles == ()


@pytest.mark.parametrize("top", ["engine", "dashboard"])
def test_there_is_no_import_cycle_among_files(top):
    arrows = list(file_imports(ROOT / top))
    assert arrows
    assert cycles({path for arrow in arrows for path in arrow}, arrows) == []


@every_folder
def test_a_folder_has_few_enough_rooms_to_read_as_a_list(folder):
    rooms = structure(ROOT / folder).rooms
    assert len(rooms) <= MOST_ROOMS or folder in FAMILIES


def test_the_two_houses_have_few_rooms_and_arrows_at_their_top():
    engine, dashboard = structure(ROOT / "engine"), structure(ROOT / "dashboard")
    assert (len(engine.rooms) <= 10, len(engine.arrows) <= 30) == (True, True)
    assert (len(dashboard.rooms) <= 10, len(dashboard.arrows) <= 35) == (True, True)


def test_no_file_has_more_than_400_lines():
    assert structure(ROOT / "engine").long_files == {}
    assert structure(ROOT / "dashboard").long_files == {}


def test_no_code_outside_the_family_names_the_field_of_a_penalty():
    """Only a member knows which penalty it is; other code uses the attributes and methods of `Penalty`."""
    fields = "|".join([*PENALTIES, *(option for member in PENALTIES.values() for option in member.options)])
    named = re.compile(rf"\.({fields})\b(?! import)|[\"']({fields})[\"']|\b({fields}) ?[=:]")
    found = {
        path.relative_to(ROOT).as_posix()
        for top in ("engine", "dashboard")
        for path in (ROOT / top).rglob("*.py")
        if "penalties" not in path.parts and named.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(NAME_A_PENALTY)


def test_every_package_says_what_is_in_it():
    silent = [
        path.relative_to(ROOT).as_posix()
        for top in ("engine", "dashboard")
        for path in (ROOT / top).rglob("__init__.py")
        if not path.read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []


def test_tests_mirror_the_tree():
    """Every folder of tests is a folder of the program; what tests share stands beside them."""
    apart = {"browser", "benchmarks", "compatibility", "slowed"}
    for folder in sorted((ROOT / "tests").rglob("*")):
        place = folder.relative_to(ROOT / "tests")
        if folder.is_dir() and place.parts[0] not in apart and "__pycache__" not in place.parts:
            assert (ROOT / place).is_dir(), f"tests/{place} mirrors no folder"


def test_cycles_are_found_also_through_several_files(tmp_path: Path):
    root = tmp_path / "engine"
    root.mkdir()
    for name, text in {
        "one": "from engine import two",
        "two": "def late():\n    from engine.three import x",
        "three": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from engine.one import y\nx = 1",
        "four": "import engine.one",
    }.items():
        (root / f"{name}.py").write_text(text)
    found = structure(root, tmp_path)
    assert found.cycles == (("one", "three", "two"),)
    assert ("four", "one") in found.arrows
