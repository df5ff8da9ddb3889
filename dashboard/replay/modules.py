"""The JavaScript modules of a replay: the player and the modules of the board that it imports."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import asdict, dataclass
from importlib.resources import files

PACKAGE = files("dashboard")
ENTRY = "replay/assets/start.js"
# A test holds that every import has this form. assets/loader.js replaces exactly these specifiers.
_IMPORT = re.compile(r'^import [^"]*from "([^"]+)";$', re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """One JavaScript module.

    Attributes:
        path: relative to the package `dashboard`. source: the text of the file.
        imports: the path of the imported module, by the specifier of the import.
    """

    path: str
    source: str
    imports: dict[str, str]


def module_of(path: str) -> Module:
    """Read a module; `path` is relative to the package `dashboard`."""
    source = PACKAGE.joinpath(path).read_bytes().decode("utf-8")
    folder = posixpath.dirname(path)
    found = _IMPORT.findall(source)
    return Module(path, source, {name: posixpath.normpath(posixpath.join(folder, name)) for name in found})


def modules(entry: str = ENTRY) -> list[Module]:
    """Return a module and all modules that it imports, dependencies first.

    Raises:
        ValueError: if modules import each other in a cycle.
    """
    found: dict[str, Module] = {}

    def add(path: str, importing: tuple[str, ...]) -> None:
        if path in importing:
            raise ValueError(f"{path} must not import itself, directly or through other modules")
        if path in found:
            return
        module = module_of(path)
        for imported in module.imports.values():
            add(imported, (*importing, path))
        found[path] = module

    add(entry, ())
    return list(found.values())


def modules_json() -> str:
    """Return the modules as JSON for an HTML script element, which must not contain `<`."""
    return json.dumps([asdict(module) for module in modules()], ensure_ascii=False).replace("<", "\\u003c")
