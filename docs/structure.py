"""The structure of the code in numbers: `python -m docs.structure [FOLDER]`.

For each folder it prints the number of entries (files and folders), of imports between them and of import cycles, and
the files with more than 400 lines. Imports inside functions and for type checkers are included. JavaScript modules
count as files. `__init__.py` is the folder itself and not an entry.
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
MAX_LINES = 400  # lines
# `import x from "./y.js"`, `export x from "../y.js"` and `import "./y.js"`
JS_IMPORT = re.compile(r"""^\s*(?:import|export)\b(?:[^;"']*?\bfrom)?\s*["'](\.\.?/[\w./-]+)["']""", re.MULTILINE)


@dataclass(frozen=True)
class Structure:
    """The structure of one folder.

    Attributes:
        entries: names of the files and folders in it, without extensions.
        import_pairs: (importing entry, imported entry).
        cycles: groups of entries that import each other, each in alphabetical order.
        long_files: the number of lines of files with more than `MAX_LINES` lines, in the folder and its subfolders.
    """

    entries: tuple[str, ...]
    import_pairs: frozenset[tuple[str, str]]
    cycles: tuple[tuple[str, ...], ...]
    long_files: Mapping[str, int]


def structure(folder: Path, root: Path = ROOT) -> Structure:
    """Return the structure of a folder in the tree at `root`."""
    folder, root = folder.resolve(), root.resolve()  # JavaScript imports are resolved paths, too
    entries = sorted({_entry(path, folder) for path in _sources(folder)} - {""})
    import_pairs = set()
    for source, target in file_imports(folder, root):
        source_entry, target_entry = _entry(source, folder), _entry(target, folder)
        if source_entry and target_entry and source_entry != target_entry:
            import_pairs.add((source_entry, target_entry))
    long_files = {}
    for path in _sources(folder):
        lines = len(path.read_text(encoding="utf-8-sig").splitlines())
        if lines > MAX_LINES:
            long_files[path.relative_to(root).as_posix()] = lines
    return Structure(tuple(entries), frozenset(import_pairs), tuple(cycles(entries, import_pairs)), long_files)


def file_imports(folder: Path, root: Path = ROOT) -> Iterator[tuple[Path, Path]]:
    """Yield (importing file, imported file) for every import between two files below a folder."""
    folder, root = folder.resolve(), root.resolve()
    sources = set(_sources(folder))
    for path in sorted(sources):
        targets = _imports(path, root)
        yield from ((path, target) for target in sorted(set(targets)) if target in sources and target != path)


def cycles(nodes: Iterable[object], import_pairs: Iterable[tuple[object, object]]) -> list[tuple]:
    """Return the strongly connected components with more than one node (Tarjan 1972, by reachability)."""
    successors: dict[object, set[object]] = {node: set() for node in nodes}
    for source, target in import_pairs:
        successors[source].add(target)

    def reachable(start: object) -> set[object]:
        seen: set[object] = set()
        pending = list(successors[start])
        while pending:
            node = pending.pop()
            if node not in seen:
                seen.add(node)
                pending += successors[node]
        return seen

    reachable_nodes = {node: reachable(node) for node in successors}
    result = {
        tuple(sorted((other for other in reachable_nodes[node] if node in reachable_nodes[other]), key=str))
        for node in successors
    }
    return sorted(group for group in result if len(group) > 1)


def _sources(folder: Path) -> list[Path]:
    return [path for ending in ("py", "js") for path in sorted(folder.rglob(f"*.{ending}")) if path.is_file()]


def _entry(path: Path, folder: Path) -> str:
    """Return the entry of `folder` that contains a path, or "" for the `__init__` of the folder."""
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
    """Return the file of a module in the tree as a list, empty for other modules."""
    path = root.joinpath(*name.split("."))
    return [each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()][:1]


def _javascript_imports(path: Path) -> Iterator[Path]:
    for name in JS_IMPORT.findall(path.read_text(encoding="utf-8-sig")):
        yield (path.parent / name).resolve()


def folders(root: Path = ROOT) -> Iterator[Path]:
    """Yield `engine` and `dashboard` and every folder in them that contains source files."""
    for top in ("engine", "dashboard"):
        yield root / top
        yield from sorted({path.parent for path in _sources(root / top)} - {root / top})


def main(arguments: list[str]) -> None:
    """Print a line for each folder; for the folders in the arguments also their imports and long files."""
    unknown = [name for name in arguments if not (ROOT / name).is_dir()]
    if unknown:
        raise SystemExit(f"{unknown[0]} is not a folder of {ROOT.name}: name one like engine/runs, or none for all")
    for folder in [(ROOT / name).resolve() for name in arguments] or folders():
        result = structure(folder)
        name = folder.relative_to(ROOT).as_posix()
        counts = f"{len(result.entries):3} entries {len(result.import_pairs):4} imports {len(result.cycles):2} cycles"
        print(f"{name:32} {counts} {len(result.long_files):2} files over {MAX_LINES} lines")
        for group in result.cycles:
            print(f"    cycle: {', '.join(group)}")
        if arguments:
            for source in result.entries:
                if targets := sorted(target for other, target in result.import_pairs if other == source):
                    print(f"    {source} -> {', '.join(targets)}")
            for path, lines in result.long_files.items():
                print(f"    {path}: {lines} lines")


if __name__ == "__main__":
    main(sys.argv[1:])
