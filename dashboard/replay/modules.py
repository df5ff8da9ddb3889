"""The JavaScript modules of a replay: the player and the modules of the board that it imports."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import asdict, dataclass
from importlib.resources import files

PACKAGE = files("dashboard")
ENTRY_MODULE = "replay/assets/start.js"
# A test checks that every import has this form. assets/loader.js replaces exactly these specifiers.
_IMPORT_PATTERN = re.compile(r'^import [^"]*from "([^"]+)";$', re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """One JavaScript module.

    Attributes:
        path: the path of the file, relative to the package `dashboard`.
        source: the text of the file.
        imports: the path of the imported module by import specifier.
    """

    path: str
    source: str
    imports: dict[str, str]


def module_of(path: str) -> Module:
    """Read a module; `path` is relative to the package `dashboard`."""
    source = PACKAGE.joinpath(path).read_bytes().decode("utf-8")
    folder = posixpath.dirname(path)
    specifiers = _IMPORT_PATTERN.findall(source)
    return Module(path, source, {name: posixpath.normpath(posixpath.join(folder, name)) for name in specifiers})


def modules_of(entry: str = ENTRY_MODULE) -> list[Module]:
    """Return a module and all modules that it imports, directly or not; dependencies come first.

    Args:
        entry: the path of the module, relative to the package `dashboard`.

    Raises:
        ValueError: if modules import each other in a cycle.
    """
    modules: dict[str, Module] = {}

    def add(path: str, import_chain: tuple[str, ...]) -> None:
        if path in import_chain:
            raise ValueError(f"imports must have no cycle, got {' → '.join((*import_chain, path))}: remove one of them")
        if path in modules:
            return
        module = module_of(path)
        for imported in module.imports.values():
            add(imported, (*import_chain, path))
        modules[path] = module

    add(entry, ())
    return list(modules.values())


def modules_json() -> str:
    """Return the modules of a replay as JSON without `<`, for an HTML script element."""
    return json.dumps([asdict(module) for module in modules_of()], ensure_ascii=False).replace("<", "\\u003c")
