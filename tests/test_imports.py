"""Imports point one way: dashboard → engine.runs → engine, and nothing points back."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = {"streamlit", "plotly", "pandas"}


def imported(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, wherever in it, relative ones made absolute."""
    package = list(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)  # a submodule, perhaps


def files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"there is nothing in {folder}"
    return found


def offences(paths: list[Path], forbidden: set[str]) -> list[str]:
    """Each import of a forbidden module or of something in it."""
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in imported(path)
        if any(name == module or name.startswith(module + ".") for module in forbidden)
    ]


def engine_files() -> list[Path]:
    runs = ROOT / "engine" / "runs"
    return [path for path in files("engine") if runs not in path.parents]


def test_the_engine_imports_numpy_pooch_the_standard_library_and_itself_alone() -> None:
    allowed = {"numpy", "pooch", "engine"} | set(sys.stdlib_module_names)
    strangers = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in engine_files()
        for name in imported(path)
        if name.split(".")[0] not in allowed
    ]
    assert strangers == []


def test_the_engine_knows_nothing_of_its_runs() -> None:
    assert offences(engine_files(), {"engine.runs"}) == []


def test_the_runs_know_nothing_of_the_page() -> None:
    assert offences(files("engine/runs"), PAGE | {"dashboard"}) == []


def test_nothing_in_the_engine_knows_the_dashboard() -> None:
    assert offences(files("engine"), {"dashboard"}) == []


def test_charts_are_made_without_streamlit() -> None:
    assert offences(files("dashboard/charts"), {"streamlit"}) == []


def test_private_parts_of_streamlit_are_imported_in_one_file() -> None:
    door = ROOT / "dashboard" / "_compat.py"
    assert private_imports([door])
    assert private_imports([path for path in files("dashboard") if path != door]) == []


def private_imports(paths: list[Path]) -> list[str]:
    """Each import of a module inside of Streamlit, or of something in one."""
    return [
        f"{path.relative_to(ROOT)} imports {node.module or node}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "streamlit")
        or (isinstance(node, ast.Import) and any(alias.name.startswith("streamlit.") for alias in node.names))
    ]


def test_session_state_query_parameters_and_caches_are_used_in_one_folder() -> None:
    state = ROOT / "dashboard" / "state"
    kept = {"session_state", "query_params", "cache_data", "cache_resource"}

    def uses(path: Path) -> bool:
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        return any(
            isinstance(node, ast.Attribute)
            and node.attr in kept
            and isinstance(node.value, ast.Name)
            and node.value.id == "st"
            for node in nodes
        )

    users = {path for path in files("dashboard") if uses(path)}
    assert users
    assert [path.name for path in users if state not in path.parents] == []


def test_nothing_imports_the_tests() -> None:
    assert offences(files("engine") + files("dashboard"), {"tests"}) == []


@pytest.mark.parametrize("module", ["engine", "engine.runs.worker.__main__"])
def test_importing_it_loads_nothing_of_the_page(module: str) -> None:
    script = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"engine", "numpy"} <= loaded
    assert loaded & (PAGE | {"dashboard"}) == set()


def test_the_rules_see_every_way_to_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / "engine" / "runs" / "some.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        "import streamlit.web as w\nfrom .. import runs\nfrom . import worker\n"
        "def late():\n    from engine import runs\n    import pandas\n"
    )
    seen = set(imported(path))
    assert {"streamlit.web", "engine.runs", "engine.runs.worker", "pandas"} <= seen
    assert len(offences([path], {"streamlit", "pandas"})) == 2
