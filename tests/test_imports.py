"""Rules for imports (dashboard → engine.runs → engine), and for the use of Streamlit's state and private parts."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
import streamlit

ROOT = Path(__file__).parents[1]
PAGE_PACKAGES = {"streamlit", "plotly", "pandas"}

# Packages that re-export names. All other names are imported from the module that defines them.
RE_EXPORTING_PACKAGES = {"engine", "engine.data", "engine.runs.export"}
# Session state, query parameters and caches of Streamlit.
STREAMLIT_STATE = {"session_state", "query_params", "cache_data", "cache_resource"}
# Caches that all sessions share.
SHARED_CACHES = {"lru_cache", "cache"}
# Public submodules of Streamlit.
PUBLIC_SUBMODULES = {"components", "column_config", "errors"}


def files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"{folder} has no Python files"
    return found


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def from_imports(path: Path) -> list[tuple[str, str]]:
    """Return (module, name) of every `from module import name`, with absolute modules."""
    found = []
    package = list(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found += [(module, alias.name) for alias in node.names]
    return found


def imported(path: Path) -> Iterator[str]:
    """Yield the full names of the modules that a file imports, also inside functions."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
    for module, name in from_imports(path):
        yield module
        yield f"{module}.{name}"  # the name may be a submodule


def forbidden_imports(paths: list[Path], forbidden: set[str]) -> list[str]:
    """Return each import of a forbidden module or from one."""
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in imported(path)
        if any(name == module or name.startswith(module + ".") for module in forbidden)
    ]


# directions


def engine_files() -> list[Path]:
    runs = ROOT / "engine" / "runs"
    return [path for path in files("engine") if runs not in path.parents]


def test_the_engine_imports_only_numpy_pooch_the_standard_library_and_itself() -> None:
    allowed = {"numpy", "pooch", "engine"} | set(sys.stdlib_module_names)
    others = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in engine_files()
        for name in imported(path)
        if name.split(".")[0] not in allowed
    ]
    assert others == []


def test_the_engine_does_not_import_its_runs() -> None:
    assert forbidden_imports(engine_files(), {"engine.runs"}) == []


def test_the_runs_import_nothing_of_the_page() -> None:
    assert forbidden_imports(files("engine/runs"), PAGE_PACKAGES | {"dashboard"}) == []


def test_the_engine_does_not_import_the_dashboard() -> None:
    assert forbidden_imports(files("engine"), {"dashboard"}) == []


def test_charts_do_not_import_streamlit() -> None:
    assert forbidden_imports(files("dashboard/charts"), {"streamlit"}) == []


def test_nothing_imports_the_tests() -> None:
    assert forbidden_imports(files("engine") + files("dashboard"), {"tests"}) == []


@pytest.mark.parametrize("module", ["engine", "engine.runs.worker.__main__"])
def test_importing_a_module_of_the_engine_loads_nothing_of_the_page(module: str) -> None:
    script = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(result.stdout.split())
    assert {"engine", "numpy"} <= loaded
    assert loaded & (PAGE_PACKAGES | {"dashboard"}) == set()


# names


def module_file(name: str) -> Path | None:
    path = ROOT.joinpath(*name.split("."))
    return next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()), None)


@cache
def defined(path: Path) -> set[str]:
    """Return the names that a module binds at its top level, except by imports."""
    found: set[str] = set()
    nodes: list[ast.AST] = list(tree_of(path).body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            nodes += ast.iter_child_nodes(node)
    return found


def re_exports(paths: list[Path]) -> list[str]:
    """Return each import of a name from a module that only imports it, except from the re-exporting packages."""
    return [
        f"{path.relative_to(ROOT)} imports {name} from {module}"
        for path in paths
        for module, name in from_imports(path)
        if (source := module_file(module)) is not None
        and module not in RE_EXPORTING_PACKAGES
        and module_file(f"{module}.{name}") is None
        and name not in defined(source)
    ]


def test_a_name_is_imported_from_the_module_that_defines_it() -> None:
    folders = ("engine", "dashboard", "docs", "benchmarks", "tests")
    assert re_exports([path for folder in folders for path in files(folder)]) == []


def test_every_re_exporting_package_re_exports_names() -> None:
    for package in RE_EXPORTING_PACKAGES:
        source = module_file(package)
        assert source is not None
        assert any(name not in defined(source) for _, name in from_imports(source)), f"{package} re-exports nothing"


# Streamlit


def streamlit_names(path: Path) -> set[str]:
    """Return the names under which a file imports the module Streamlit."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "streamlit"
    }


def streamlit_attributes(path: Path) -> set[str]:
    """Return the attributes of Streamlit that a file uses, as `st.x` or by `from streamlit import x`."""
    names = streamlit_names(path)
    used = {
        node.attr
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names
    }
    return used | {name for module, name in from_imports(path) if module == "streamlit"}


def is_private(attribute: str) -> bool:
    """Return whether an attribute of Streamlit is a private submodule.

    `st.dataframe` is a function with the same name as a submodule.
    """
    submodules = {each.name for each in pkgutil.iter_modules(streamlit.__path__)} - PUBLIC_SUBMODULES
    value = getattr(streamlit, attribute, None)
    return attribute in submodules and (value is None or isinstance(value, ModuleType))


def private_imports(paths: list[Path]) -> list[str]:
    """Return each import of a submodule of Streamlit, and each use of a private one such as `st.runtime`."""
    found = []
    for path in paths:
        modules = {name for name in imported(path) if name.startswith("streamlit.")}
        modules |= {f"streamlit.{attribute}" for attribute in streamlit_attributes(path) if is_private(attribute)}
        found += [f"{path.relative_to(ROOT)} uses {module}" for module in sorted(modules)]
    return found


def test_only_one_file_uses_private_parts_of_streamlit() -> None:
    compat = ROOT / "dashboard" / "_compat.py"
    assert private_imports([compat])
    assert private_imports([path for path in files("dashboard") if path != compat]) == []


def test_only_one_folder_uses_session_state_query_parameters_and_caches() -> None:
    state = ROOT / "dashboard" / "state"
    users = {path for path in files("dashboard") if streamlit_attributes(path) & STREAMLIT_STATE}
    assert users
    assert [path.name for path in users if state not in path.parents] == []


def shared_caches(paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} uses {cache}"
        for path in paths
        for cache in sorted(SHARED_CACHES)
        if f"functools.{cache}" in imported(path)
        or any(
            isinstance(node, ast.Attribute) and node.attr == cache and ast.unparse(node.value) == "functools"
            for node in ast.walk(tree_of(path))
        )
    ]


def test_pages_sidebar_and_state_have_no_caches_that_sessions_share() -> None:
    folders = ("dashboard/pages", "dashboard/sidebar", "dashboard/state")
    assert shared_caches([path for folder in folders for path in files(folder)]) == []


# tests of the helpers above


@pytest.fixture
def write_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that writes a module into an empty tree."""
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_imports_of_every_form_are_found(write_module) -> None:
    path = write_module(
        "engine/runs/some.py",
        "import streamlit.web as w\nfrom .. import runs\nfrom . import worker\n"
        "def late():\n    from engine import runs\n    import pandas\n",
    )
    assert {"streamlit.web", "engine.runs", "engine.runs.worker", "pandas"} <= set(imported(path))
    assert len(forbidden_imports([path], {"streamlit", "pandas"})) == 2


def test_a_name_from_a_module_that_only_imports_it_is_found(write_module) -> None:
    write_module("engine/a/__init__.py", "from engine.a.b import x\ny: int = 1\nif y:\n    z, (w, _) = 1, (2, 3)\n")
    write_module("engine/a/b.py", "def x(): ...\n")
    path = write_module("engine/c.py", "from engine.a import x, y, z, w, b\nfrom engine.a.b import x as other\n")
    assert re_exports([path]) == ["engine/c.py imports x from engine.a"]


@pytest.mark.parametrize(
    "text",
    [
        "import streamlit as st\nst.session_state['x'] = 1\n",
        "import streamlit\nstreamlit.session_state\n",
        "from streamlit import session_state\n",
        "from streamlit import cache_data as keep\n",
        "def late():\n    import streamlit as other\n    other.query_params.clear()\n",
    ],
)
def test_every_use_of_session_state_is_found(write_module, text: str) -> None:
    assert streamlit_attributes(write_module("dashboard/x.py", text)) & STREAMLIT_STATE


@pytest.mark.parametrize(
    "text",
    [
        "from functools import lru_cache\n",
        "from functools import cache as keep\n",
        "import functools\n@functools.lru_cache(maxsize=2)\ndef f(): ...\n",
    ],
)
def test_every_shared_cache_is_found(write_module, text: str) -> None:
    assert len(shared_caches([write_module("dashboard/pages/x.py", text)])) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import streamlit as st\nst.runtime.get_instance()\n",
        "import streamlit.web.server\n",
        "from streamlit.runtime import get_instance\n",
        "from streamlit import runtime\n",
    ],
)
def test_every_use_of_a_private_part_of_streamlit_is_found(write_module, text: str) -> None:
    assert private_imports([write_module("dashboard/x.py", text)])
    public = "import streamlit as st\nst.components.v2.component\nst.column_config.NumberColumn\nst.dataframe\n"
    assert private_imports([write_module("dashboard/y.py", public)]) == []
