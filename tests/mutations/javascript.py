"""Mutations of JavaScript, made with regular expressions outside comments and strings.

Tools such as Stryker need tests written in JavaScript; the tests of this project control a browser from Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.mutations.mutation import Mutation, mutation_at

COMMENT = r"//[^\n]*|/\*.*?\*/"
STRING = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|`(?:\\.|[^`\\])*`'
PATTERN = r"(?:(?<=\()|(?<=[(,=:?&|] ))/(?![/*])(?:\\.|\[[^\]\n]*\]|[^/\\\n])+/[a-z]*"
HIDDEN = re.compile(f"{COMMENT}|{STRING}|{PATTERN}", re.DOTALL)
NEIGHBOURS = [("===", "!=="), (" < ", " <= "), (" > ", " >= "), ("&&", "||"), (" + ", " - "), (" * ", " / ")]

CHANGES = {
    "operator": [(re.escape(old), new) for one, other in NEIGHBOURS for old, new in ((one, other), (other, one))],
    "boolean": [(r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"(?<=[\s(])!(?=[\w(])", "")],
    "removed guard": [(r"(?<=\bif \()(?=.*\) (?:return|continue)\b[^{\n]*;$)", "false && ")],
    # Calls and assignments on one line, but no declarations.
    "deleted statement": [(r"(?<![=>:?(,&|]\n)^ +(?:this|\w+)(?:\?\.|\.)[^\n]*[^\s{(\[,];$", ";")],
}
NUMBER = re.compile(r"(?<![\w.#$])\d+(?:\.\d+)?(?![\w.])")


def javascript_mutations(file: str, text: str, line: int | None = None) -> list[Mutation]:
    """Return all mutations of a JavaScript module, or those of one line."""
    return [each for each in _all(file, text) if each.mutated != text and line in (None, each.line)]


def _all(file: str, text: str) -> Iterator[Mutation]:
    hidden = [match.span() for match in HIDDEN.finditer(text)]
    visible = HIDDEN.sub(lambda match: re.sub(r"[^\n]", "_", match[0]), text)  # keeps the offsets
    for operator, changes in CHANGES.items():
        for pattern, replacement in changes:
            for match in re.finditer(pattern, visible, re.MULTILINE):
                if operator != "deleted statement" or _balanced(match[0]):
                    yield mutation_at(file, text, operator, *match.span(), replacement)
    for match in NUMBER.finditer(visible):
        yield mutation_at(file, text, "number", *match.span(), f"{float(match[0]) + 1:g}")
    for start, end in hidden:
        before = text[text.rfind("\n", 0, start) + 1 : start]
        if re.fullmatch(r'"\S+"', text[start:end]) and not re.match(r"\s*(import|export)\b|\} from ", before):
            yield mutation_at(file, text, "wrong string", end - 1, end - 1, "x")


def _balanced(text: str) -> bool:
    return all(text.count(one) == text.count(other) for one, other in ("()", "[]", "{}"))
