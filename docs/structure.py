"""The structure of the code in numbers: `python -m docs.structure [FOLDER]`.

For each folder: its rooms (the files and folders in it), the import arrows between them, their import cycles, and the
files of more than 400 lines below it. Imports are read from the source, including those inside functions and for type
checkers. JavaScript modules count as files. `__init__.py` is the folder itself and not a room.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONG = 400  # lines
# `import x from "./y.js"`, `export x from "../y.js"` and `import "./y.js"`
JS_IMPORT = re.compile(r"""^\s*(?:import|export)\b(?:[^;"']*?\bfrom)?\s*["'](\.\.?/[\w./-]+)["']""", re.MULTILINE)


@dataclass(frozen=True)
class Structure:
    """The structure of one folder.

    Attributes:
        rooms: names of the files and folders in it, without endings.
        arrows: (importing room, imported room).
        cycles: groups of rooms that import one another, each in alphabetical order.
        long_files: files below the folder with more than `LONG` lines, with their number of lines.
    """

    rooms: tuple[str, ...]
    arrows: frozenset[tuple[str, str]]
    cycles: tuple[tuple[str, ...], ...]
    long_files: Mapping[str, int]


def structure(folder: Path, root: Path = ROOT) -> Structure:
    """Return the structure of a folder in the tree at `root`."""
    folder, root = folder.resolve(), root.resolve()  # imports of JavaScript are resolved, too
    rooms = sorted({_room(path, folder) for path in _sources(folder)} - {""})
    arrows = set()
    for source, target in file_imports(folder, root):
        here, there = _room(source, folder), _room(target, folder)
        if here and there and here != there:
            arrows.add((here, there))
    long_files = {}
    for path in _sources(folder):
        lines = len(path.read_text(encoding="utf-8-sig").splitlines())
        if lines > LONG:
            long_files[path.relative_to(root).as_posix()] = lines
    return Structure(tuple(rooms), frozenset(arrows), tuple(cycles(rooms, arrows)), long_files)


def file_imports(folder: Path, root: Path = ROOT) -> Iterator[tuple[Path, Path]]:
    """Yield (importing file, imported file) for every import between two files below a folder."""
    folder, root = folder.resolve(), root.resolve()
    known = set(_sources(folder))
    for path in sorted(known):
        targets = _imports(path, root)
        yield from ((path, target) for target in sorted(set(targets)) if target in known and target != path)


def cycles(nodes: Iterable[object], arrows: Iterable[tuple[object, object]]) -> list[tuple]:
    """Return the strongly connected components with more than one node (Tarjan 1972, by reachability)."""
    following: dict[object, set[object]] = {node: set() for node in nodes}
    for source, target in arrows:
        following[source].add(target)

    def reachable(start: object) -> set[object]:
        seen: set[object] = set()
        waiting = list(following[start])
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting += following[node]
        return seen

    reach = {node: reachable(node) for node in following}
    found = {tuple(sorted((other for other in reach[node] if node in reach[other]), key=str)) for node in following}
    return sorted(group for group in found if len(group) > 1)


def _sources(folder: Path) -> list[Path]:
    return [path for ending in ("py", "js") for path in sorted(folder.rglob(f"*.{ending}")) if path.is_file()]


def _room(path: Path, folder: Path) -> str:
    """Return the room of `folder` that contains a path, or "" for the folder's own `__init__`."""
    first = path.relative_to(folder).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py").removesuffix(".js")


@cache  # every folder above a file needs its imports
def _imports(path: Path, root: Path) -> tuple[Path, ...]:
    return tuple(_python_imports(path, root) if path.suffix == ".py" else _javascript_imports(path))


def _python_imports(path: Path, root: Path) -> Iterator[Path]:
    package = path.relative_to(root).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8-sig"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _module(alias.name, root)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:  # a submodule, or a name in the module
                yield from _module(f"{module}.{alias.name}", root) or _module(module, root)


def _module(name: str, root: Path) -> list[Path]:
    """Return the file of a module in the tree, in a list that is empty for other modules."""
    path = root.joinpath(*name.split("."))
    return [each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()][:1]


def _javascript_imports(path: Path) -> Iterator[Path]:
    for name in JS_IMPORT.findall(path.read_text(encoding="utf-8-sig")):
        yield (path.parent / name).resolve()


def folders(root: Path = ROOT) -> Iterator[Path]:
    """Yield `engine` and `dashboard` and every folder in them that holds source files."""
    for top in ("engine", "dashboard"):
        yield root / top
        yield from sorted({path.parent for path in _sources(root / top)} - {root / top})


def main(arguments: list[str]) -> None:
    """Print a line for each folder; for the folders in the arguments also their arrows and long files."""
    unknown = [name for name in arguments if not (ROOT / name).is_dir()]
    if unknown:
        raise SystemExit(f"{unknown[0]} is not a folder of {ROOT.name}: name one like engine/runs, or none for all")
    for folder in [(ROOT / name).resolve() for name in arguments] or folders():
        found = structure(folder)
        name = folder.relative_to(ROOT).as_posix()
        print(f"{name:32} {len(found.rooms):3} rooms {len(found.arrows):4} arrows {len(found.cycles):2} cycles", end="")
        print(f" {len(found.long_files):2} files over {LONG} lines")
        for group in found.cycles:
            print(f"    cycle: {', '.join(group)}")
        if arguments:
            for source in found.rooms:
                if targets := sorted(target for other, target in found.arrows if other == source):
                    print(f"    {source} -> {', '.join(targets)}")
            for path, lines in found.long_files.items():
                print(f"    {path}: {lines} lines")


if __name__ == "__main__":
    main(sys.argv[1:])
