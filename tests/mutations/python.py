"""Mutations of Python: the operators of cosmic-ray, removed guards, deleted statements and wrong strings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from tests.mutations.mutation import Mutation, mutation_at

# A comparison is replaced by a similar one: almost any test notices a change such as "<" to "is not".
OPERATORS = [
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Lt_Gt", "Gt_Lt")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "BitAnd_BitOr")),
    *("ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_USub_UAdd"),
    *("ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "AddNot"),
    *("NumberReplacer", "ZeroIterationForLoop", "RemoveDecorator"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak"),
]  # not ExceptionReplacer: it fails on a dotted name (8.7.0)


@cache
def _operators() -> dict[str, type]:
    from cosmic_ray.plugins import get_operator  # installed with the extra `dev` only

    return {name: get_operator(f"core/{name}") for name in OPERATORS}


def python_mutations(file: str, text: str, line: int | None = None) -> list[Mutation]:
    """Return all mutations that parse, or those of one line, except in signatures, imports and docstrings."""
    own, places, skipped = _places(file, text)
    found = [each for each in own if line in (None, each.line)]
    for name, start, occurrence in places:
        if line in (None, start):
            found.append(Mutation(file, start, name, text, _mutated(text, name, occurrence)))
    return [each for each in found if each.line not in skipped and each.mutated != text and _parses(each.mutated)]


@cache
def _places(file: str, text: str) -> tuple[list[Mutation], list[tuple[str, int, int]], set[int]]:
    """Return own mutations, those of cosmic-ray as (operator, line, occurrence), and the lines to leave out."""
    from cosmic_ray.ast import ast_nodes, get_ast

    tree = ast.parse(text)
    nodes = list(ast_nodes(get_ast(text)))
    places = []
    for name, kind in _operators().items():
        starts = [start for node in nodes for start, _ in kind().mutation_positions(node)]
        places += [(name, line, occurrence) for occurrence, (line, _) in enumerate(starts)]
    return list(_own(file, text, tree)), places, _skipped_lines(tree)


def _mutated(text: str, operator: str, occurrence: int) -> str:
    from cosmic_ray.mutating import mutate_code

    return mutate_code(text, _operators()[operator](), occurrence) or text


def _own(file: str, text: str, tree: ast.Module) -> Iterator[Mutation]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def place(node: ast.expr | ast.stmt) -> tuple[int, int]:
        def offset(line: int, column: int) -> int:  # columns of `ast` count bytes
            row = text[starts[line - 1] : starts[line]]
            return starts[line - 1] + len(row.encode()[:column].decode())

        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)

    hidden = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings and calls
    hidden |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        match node:
            case ast.If(body=[*_, ast.Return() | ast.Raise() | ast.Continue()], orelse=[]):
                yield mutation_at(file, text, "removed guard", *place(node.test), "False")
            case ast.Expr(ast.Call()) | ast.AugAssign() | ast.Assign([ast.Attribute() | ast.Subscript()]):
                yield mutation_at(file, text, "deleted statement", *place(node), "pass")
            case ast.With(items=[ast.withitem(context, None)]):
                yield mutation_at(file, text, "removed with", *place(context), "__import__('contextlib').nullcontext()")
            case ast.Constant(str(value)) if value and id(node) not in hidden and not any(map(str.isspace, value)):
                # strings with a space are sentences: a test of a sentence would only repeat it
                yield mutation_at(file, text, "wrong string", *place(node), repr(value + "x"))


def _skipped_lines(tree: ast.Module) -> set[int]:
    """Return the lines of signatures, imports, fields and `__all__`, where "|" and strings are types and names."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                lines |= set(range(node.lineno, node.body[0].lineno))
            case ast.ClassDef():  # @dataclass(frozen=True, slots=True): mypy reports what these prevent
                lines |= {line for each in node.decorator_list for line in range(each.lineno, node.lineno)}
            case (
                ast.Import()
                | ast.ImportFrom()
                | ast.AnnAssign(value=None)
                | ast.Assign([ast.Name("__all__")])
                | ast.If(ast.Name("TYPE_CHECKING"))
            ):
                lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
