"""The tests to run for a changed file: first the tests named after it, then those that use it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

MAX_FILES = 12  # in the second stage; the files that use the changed file most come first
# Tests of JavaScript: of the sources as text, of single modules in a browser, and of the whole page.
ASSET_TESTS = "tests/dashboard/live/test_assets.py"
MODULE_TESTS = "tests/browser/modules"
PAGE_TESTS = {
    "dashboard/live": ["tests/browser/test_watching.py", "tests/browser/test_transport.py"],
    "dashboard/replay": ["tests/dashboard/replay/test_replay.py", "tests/browser/test_replay.py"],
}


def stages(root: Path, file: str) -> list[list[str]]:
    """Return the test files of each stage, relative to the root; no file is in two stages."""
    if file.endswith(".js"):
        return _javascript_stages(root, file)
    using = _using(root, file)
    ranks = {test: rank for rank, test in enumerate(using)}
    first = sorted(mirroring(root, file), key=lambda test: ranks.get(test, len(ranks)))
    nearby = _in(root, root / "tests" / Path(file).parent)
    later = [test for test in dict.fromkeys([*using, *nearby]) if test not in first]
    return [first, later[:MAX_FILES]]


def _javascript_stages(root: Path, file: str) -> list[list[str]]:
    """Return the tests that load or are named after the module, those of other modules, and those of the page."""
    path = Path(file)
    tests = _in(root, root / MODULE_TESTS)
    loaded = f'"{path.relative_to("dashboard").with_suffix("").as_posix()}"'
    near = [
        test
        for test in tests
        if Path(test).stem == f"test_{path.stem}" or loaded in (root / test).read_text(encoding="utf-8")
    ]
    others = [test for test in tests if test not in near]
    return [[ASSET_TESTS, *near], others, PAGE_TESTS["/".join(path.parts[:2])]]


def mirroring(root: Path, file: str) -> list[str]:
    """Return the test files named after a module, otherwise those of its folder or of the nearest parent folder."""
    path = Path(file)
    folder = root / "tests" / path.parent
    stem = path.parent.name if path.stem in ("__init__", "__main__") else path.stem
    if named := [test for test in _in(root, folder) if re.fullmatch(rf"test_{stem}(_\w+)?", Path(test).stem)]:
        return named
    while not _in(root, folder):
        folder = folder.parent
    return _in(root, folder)


def _in(root: Path, folder: Path) -> list[str]:
    return sorted(test.relative_to(root).as_posix() for test in folder.glob("test_*.py"))


def _using(root: Path, file: str) -> list[str]:
    """Return the test files that import the module or use its names, most frequent users first."""
    path = Path(file)
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    tree = ast.parse((root / file).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = [node.name for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
    parent, _, last = module.rpartition(".")
    imported = re.compile(rf"{re.escape(module)}\b|from {re.escape(parent)} import .*\b{last}\b")
    named = re.compile(rf"\b({'|'.join(names) or '(?!)'})\b")
    counts = {}
    for test in (root / "tests").rglob("test_*.py"):
        relative = test.relative_to(root).as_posix()
        text = test.read_text(encoding="utf-8")
        count = 100 * bool(imported.search(text)) + len(named.findall(text))
        if count and not relative.startswith(("tests/browser", "tests/mutations")):
            counts[relative] = count
    return sorted(counts, key=lambda test: (-counts[test], test))
