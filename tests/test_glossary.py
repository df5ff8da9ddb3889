"""Names and texts use the words of docs/glossary.md.

The columns "not used" of the glossary list banned words. The tests search for them in the names (functions, classes,
variables, attributes, modules) and texts (docstrings, comments, messages, documents) of `engine`, `dashboard`, `docs`,
README.md and CONTRIBUTING.md. Strings without a space are not checked: they are keys of files, links and messages, and
stored keys keep their names.
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
CHECKED_FOLDERS = ("engine", "dashboard", "docs")
TABLE = re.compile(r"^\| (.+) \|\n\|[-|]+\|\n((?:\|.*\|\n)+)", re.MULTILINE)

# Names of version 0.1.0 that must not change: columns of the store (SQL strings contain spaces), keys of exported
# files, and the attribute `Snapshot.judge`, which exported programs use.
STORED: dict[str, set[str]] = {
    "figures": {"engine/runs"},
    "judge": {"engine/learning", "engine/runs"},
    "vigil": {"engine/runs"},
}

# Banned words that have another, allowed meaning, with the places of that meaning.
OTHER_MEANING: dict[str, set[str]] = {"figures": {"dashboard/live"}}  # figures of Plotly


@cache
def glossary() -> list[tuple[str, str, tuple[str, ...]]]:
    """Return (term, meaning, banned words) for each row; a table may lack meanings or banned words."""
    return [
        (row["term"], row.get("meaning", ""), tuple(word for word in row.get("not used", "").split(", ") if word))
        for rows in tables()
        for row in rows
    ]


@cache
def tables() -> list[list[dict[str, str]]]:
    """Return the tables of the glossary as rows by column name; the first column is called "term"."""
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
    """Yield the comments and the strings with a space, which include docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def place_of(path: Path) -> str:
    """Return the first two parts of a path: a folder, or a document."""
    parts = path.relative_to(ROOT).parts
    return "/".join(parts[:2])


@cache
def used_words() -> dict[tuple[str, str], str]:
    """Return all words by place and kind ("name" or "text"), one name or text per line as " first second … "."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for top in CHECKED_FOLDERS:
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
    return frozenset(place for (place, kind), words in used_words().items() if kind in kinds and spaced(word) in words)


BANNED = sorted({word for _, _, banned in glossary() for word in banned})


def test_terms_are_sorted_and_unique():
    public, internal, replacements, plain_words = [[row["term"] for row in rows] for rows in tables()]
    assert len(public) > 40
    assert len(internal) > 10
    for terms in (public, internal, replacements):
        assert terms == sorted(set(terms), key=str.lower)
    assert set(replacements) <= set(public)
    assert len({*public, *internal, *plain_words}) == len([*public, *internal, *plain_words])


@pytest.mark.parametrize("term", [term for term, *_ in glossary()])
def test_a_term_is_used(term: str):
    all_words = "\n".join(used_words().values())
    for each in term.split(", "):
        assert spaced(each) in all_words or spaced(f"{each}s") in all_words, each


def test_no_word_is_both_a_term_and_banned():
    assert {term for term, *_ in glossary()} & set(BANNED) == set()


@pytest.mark.parametrize("banned", BANNED)
def test_a_banned_word_occurs_only_in_the_listed_places(banned: str):
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
