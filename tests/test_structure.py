"""Rules for folders: few entries, no import cycles, and tests that mirror the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.structure import ROOT, cycles, file_imports, folders, main, structure
from engine.families.penalties import PENALTIES

FOLDERS = [folder.relative_to(ROOT).as_posix() for folder in folders()]
MAX_ENTRIES = 15
# The folders of families have a file for each member and may have more entries.
FAMILIES = {
    "dashboard/charts/panels",
    "dashboard/charts/overlays",
    "engine/runs/extracts",
    "engine/families/penalties",
}
# Files outside the family of penalties that may name the config field of a penalty.
MAY_NAME_A_PENALTY = {
    "engine/config.py": "declares the fields, and the demonstration has an L2",
    "engine/book.py": "the book's own runs have an L2",
    "engine/__init__.py": "the example in its docstring has an L2",
    "engine/data/planar.py": "the demonstrations of the generated data sets have an L2",
}
every_folder = pytest.mark.parametrize("folder", FOLDERS)

# Folders of tests without a counterpart: tests in a browser, of the benchmarks and of files of version 0.1.0, the
# simulation of a slow machine, and mutation testing.
WITHOUT_COUNTERPART = {"browser", "benchmarks", "compatibility", "slowed", "set_back", "mutations"}
# Test files that test several modules together, by folder. No module has their name.
CROSS_CUTTING = {
    "": {
        "test_dependencies",
        "test_extending",
        "test_fuzz",
        "test_glossary",
        "test_imports",
        "test_readme",
        "test_structure",
    },
    "dashboard/charts/overlays": {"test_lines"},
    "dashboard/charts/panels": {"test_dropout_panels", "test_magnitudes", "test_picture_panels", "test_updates"},
    "dashboard/live": {"test_first_frame", "test_group_socket", "test_groups", "test_looking_back"},
    "dashboard/charts": {"test_captions"},
    "dashboard/pages/comparing": {"test_evidence"},
    "docs": {"test_code_blocks", "test_facts", "test_results"},
    "engine": {"test_doors"},
    "engine/data": {"test_fuzz", "test_sharing"},
    "engine/data/download": {"test_fetching_processes"},
    "engine/learning": {"test_changes", "test_memorization", "test_reproducible"},
    "engine/runs/extracts": {"test_drawn_masks"},
    "engine/runs/server": {"test_disk", "test_interrupted", "test_locks", "test_trouble"},
    "engine/runs/store": {"test_kill", "test_trouble"},
    "engine/runs/worker": {"test_data", "test_magnitudes"},
}


@every_folder
def test_a_folder_has_no_import_cycle_among_its_entries(folder):
    assert structure(ROOT / folder).cycles == ()


@pytest.mark.parametrize("top", ["engine", "dashboard"])
def test_there_is_no_import_cycle_among_files(top):
    pairs = list(file_imports(ROOT / top))
    assert pairs
    assert cycles({path for pair in pairs for path in pair}, pairs) == []


@every_folder
def test_a_folder_has_few_entries(folder):
    entries = structure(ROOT / folder).entries
    assert len(entries) <= MAX_ENTRIES or folder in FAMILIES


def test_the_listed_families_exist():
    assert set(FOLDERS) >= FAMILIES


def test_engine_and_dashboard_have_few_top_entries_and_imports_among_them():
    engine, dashboard = structure(ROOT / "engine"), structure(ROOT / "dashboard")
    assert (len(engine.entries) <= 10, len(engine.import_pairs) <= 30) == (True, True)
    assert (len(dashboard.entries) <= 11, len(dashboard.import_pairs) <= 35) == (True, True)


def test_no_file_has_more_than_400_lines():
    assert structure(ROOT / "engine").long_files == {}
    assert structure(ROOT / "dashboard").long_files == {}


def test_no_code_outside_the_family_names_the_field_of_a_penalty():
    """Code outside the family uses the attributes and methods of `Penalty`."""
    fields = "|".join([*PENALTIES, *(option for member in PENALTIES.values() for option in member.options)])
    named = re.compile(rf"\.({fields})\b(?! import)|[\"']({fields})[\"']|\b({fields}) ?[=:]")
    found = {
        path.relative_to(ROOT).as_posix()
        for top in ("engine", "dashboard")
        for path in (ROOT / top).rglob("*.py")
        if "penalties" not in path.parts and named.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(MAY_NAME_A_PENALTY)


def test_every_package_has_a_docstring():
    without = [
        path.relative_to(ROOT).as_posix()
        for top in ("engine", "dashboard")
        for path in (ROOT / top).rglob("__init__.py")
        if not path.read_text(encoding="utf-8").startswith('"""')
    ]
    assert without == []


# tests mirror the tree


def mirrored_places() -> list[Path]:
    """Return the files and folders of `tests` that mirror the program, relative to `tests`."""
    places = [path.relative_to(ROOT / "tests") for path in sorted((ROOT / "tests").rglob("*"))]
    return [place for place in places if place.parts[0] not in WITHOUT_COUNTERPART and "__pycache__" not in place.parts]


def has_counterpart(place: Path, root: Path) -> bool:
    """Return whether a test file mirrors a public or private module, a package, or its own folder."""
    name, folder = place.stem.removeprefix("test_"), root / place.parent
    modules = [folder / f"{name}.py", folder / f"_{name}.py", folder / name / "__init__.py"]
    return any(module.is_file() for module in modules) or (folder.is_dir() and name == folder.name)


def test_every_folder_of_tests_mirrors_a_folder():
    missing = [
        place.as_posix()
        for place in mirrored_places()
        if (ROOT / "tests" / place).is_dir() and not (ROOT / place).is_dir()
    ]
    assert missing == []


def test_every_test_file_mirrors_a_module_or_is_a_listed_exception():
    """Tests of a whole family, `test_*_family.py` and `test_*_families.py`, may be in any folder."""
    without = {
        place.as_posix()
        for place in mirrored_places()
        if place.match("test_*.py") and not place.match("test_*_famil*.py") and not has_counterpart(place, ROOT)
    }
    assert without == {f"{folder}/{name}.py".lstrip("/") for folder, names in CROSS_CUTTING.items() for name in names}


def test_a_counterpart_is_a_module_a_package_or_the_folder_itself(tmp_path: Path):
    for module in ("engine/config.py", "engine/_compat.py", "engine/data/__init__.py", "engine/data/own.py"):
        path = tmp_path / module
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = ("engine/test_config.py", "engine/test_compat.py", "engine/test_data.py", "engine/data/test_data.py")
    assert all(has_counterpart(Path(place), tmp_path) for place in found)
    missing = ("engine/test_own.py", "engine/data/test_config.py", "test_config.py", "other/test_other.py")
    assert not any(has_counterpart(Path(place), tmp_path) for place in missing)


# tests of docs/structure.py


def test_cycles_over_several_files_are_found(tmp_path: Path):
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
    assert ("four", "one") in found.import_pairs


def test_imports_of_javascript_are_found_in_every_direction(tmp_path: Path):
    root = tmp_path / "assets"
    (root / "panels").mkdir(parents=True)
    for name, text in {
        "board": 'import {\n  Panel,\n} from "./panels/panel.js";\nimport "./start.js";\n',
        "dom": 'export { Panel } from "./panels/panel.js";\n',
        "start": "const x = 'from \"./board.js\"';\nfor (const y of imports) run(y);\n",
        "panels/panel": "import { make } from '../dom.js';\nexport class Panel {}\n",
    }.items():
        (root / f"{name}.js").write_text(text)
    found = structure(root, tmp_path)
    assert found.import_pairs == {("board", "panels"), ("board", "start"), ("dom", "panels"), ("panels", "dom")}
    assert found.cycles == (("dom", "panels"),)


def test_a_byte_order_mark_and_a_dangling_link_are_accepted(tmp_path: Path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "a.py").write_bytes(b"\xef\xbb\xbfimport pack.b\n")
    (tmp_path / "pack" / "b.py").touch()
    (tmp_path / "pack" / "c.py").symlink_to(tmp_path / "gone.py")
    found = structure(tmp_path / "pack", tmp_path)
    assert (found.entries, found.import_pairs) == (("a", "b"), {("a", "b")})


def test_the_error_for_an_unknown_folder_names_it():
    with pytest.raises(SystemExit, match="engine/runz is not a folder"):
        main(["engine/runz"])
