"""One word for one thing: docs/glossary.md, and the words that names and texts must not use.

The columns "not used" of the glossary list the words that are not used for a term. They are looked for in the names
(functions, classes, variables, attributes, modules) and texts (docstrings, comments, strings for people, documents)
of `engine`, `dashboard`, `docs`, README.md and CONTRIBUTING.md. Strings without a space are keys of files, links and
messages, and are left out: stored keys keep their names.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GLOSSARY = ROOT / "docs" / "glossary.md"
TOPS = ("engine", "dashboard", "docs")
TABLE = re.compile(r"^\| (.+) \|\n\|[-|]+\|\n((?:\|.*\|\n)+)", re.MULTILINE)

# Names of version 0.1.0 that must not change: columns of the store, which occur in SQL, where every string has spaces,
# keys of exported files, and the attribute `Snapshot.judge`, which exported programs use.
STORED: dict[str, set[str]] = {
    "figures": {"engine/runs"},
    "judge": {"engine/learning", "engine/runs"},
    "vigil": {"engine/runs"},
}

# Banned words that also have another meaning, with the places where they have it.
OTHER_MEANING: dict[str, set[str]] = {"figures": {"dashboard/live"}}  # figures of Plotly


@cache
def glossary() -> list[tuple[str, str, tuple[str, ...]]]:
    """Return (term, meaning, banned words) for each row; a table may have no meanings or no banned words."""
    return [
        (row["term"], row.get("meaning", ""), tuple(word for word in row.get("not used", "").split(", ") if word))
        for rows in tables()
        for row in rows
    ]


@cache
def tables() -> list[list[dict[str, str]]]:
    """Return the tables of the glossary, each row by the names of its columns; the first column is "term"."""
    found = []
    for heading, lines in TABLE.findall(GLOSSARY.read_text(encoding="utf-8")):
        columns = ["term", *heading.split(" | ")[1:]]
        cells = [re.split(r" ?\| ?", line)[1:-1] for line in lines.splitlines()]
        found.append([dict(zip(columns, (cell.strip("*") for cell in row), strict=True)) for row in cells])
    return found


def words_of(text: str) -> list[str]:
    """Return the words of a text or a name in lower case; `initialConfig` and `initial_config` have two."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", split.lower())


def names_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            yield node.arg


def texts_in(source: str, tree: ast.AST) -> Iterator[str]:
    """Yield the comments and the strings with a space, docstrings among them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def place_of(path: Path) -> str:
    """Return the folder two levels down, or the document."""
    parts = path.relative_to(ROOT).parts
    return "/".join(parts[:2])


@cache
def used() -> dict[tuple[str, str], str]:
    """Return all words by place and kind, "name" or "text": each name or text as " first second … ", one per line."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for top in TOPS:
        for path in sorted((ROOT / top).rglob("*")):
            if path == GLOSSARY or "__pycache__" in path.parts:
                continue
            place = place_of(path)
            if path.suffix == ".py":
                source = path.read_text(encoding="utf-8")
                tree = ast.parse(source)
                found[place, "name"] += [*names_in(tree), path.stem]
                found[place, "text"] += texts_in(source, tree)
            elif path.suffix in (".js", ".md"):
                kind = "name" if path.suffix == ".js" else "text"
                found[place, kind].append(path.read_text(encoding="utf-8"))
    for name in ("README.md", "CONTRIBUTING.md"):
        found[name, "text"] = [(ROOT / name).read_text(encoding="utf-8")]
    return {key: "\n".join(map(spaced, dict.fromkeys(texts))) for key, texts in found.items()}


def spaced(text: str) -> str:
    """Return the words of a text with a space before and after each."""
    return f" {' '.join(words_of(text))} "


def places_of(banned: str) -> frozenset[str]:
    """Return the places that use a banned word; `word (names)` is banned in names only."""
    word, _, scope = banned.partition(" (")
    kinds = {"name"} if scope == "names)" else {"name", "text"}
    return frozenset(place for (place, kind), words in used().items() if kind in kinds and spaced(word) in words)


BANNED = sorted({word for _, _, banned in glossary() for word in banned})


def test_terms_are_sorted_and_unique():
    public, inside, instead, plain = [[row["term"] for row in rows] for rows in tables()]
    assert len(public) > 40
    assert len(inside) > 10
    for terms in (public, inside, instead):
        assert terms == sorted(set(terms), key=str.lower)
    assert set(instead) <= set(public)
    assert len({*public, *inside, *plain}) == len([*public, *inside, *plain])


@pytest.mark.parametrize("term", [term for term, *_ in glossary()])
def test_a_term_is_used(term: str):
    everything = "\n".join(used().values())
    for each in term.split(", "):
        assert spaced(each) in everything or spaced(f"{each}s") in everything, each


def test_no_word_is_both_a_term_and_banned():
    assert {term for term, *_ in glossary()} & set(BANNED) == set()


@pytest.mark.parametrize("banned", BANNED)
def test_a_banned_word_occurs_only_in_stored_names_and_with_another_meaning(banned: str):
    assert places_of(banned) == STORED.get(banned, set()) | OTHER_MEANING.get(banned, set())


def test_every_exception_is_a_banned_word():
    assert set(OTHER_MEANING) | set(STORED) <= set(BANNED)


def test_banned_words_are_found_in_names_and_texts():
    source = 'class OldWord:\n    """An old-word here."""\n    def run(self, other): return self.oldWord  # oldWord\n'
    tree = ast.parse(source)
    assert spaced("old word") in spaced("anOldWord_of") == " an old word of "
    assert spaced("old") not in spaced("an old-word of older")
    assert {"OldWord", "oldWord", "other", "run"} <= set(names_in(tree))
    assert list(texts_in(source, tree)) == ["An old-word here.", "# oldWord"]
