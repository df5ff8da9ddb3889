"""The documents and their code: fenced blocks, commands in sentences, and examples in docstrings."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "benchmarks/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`((?:regscope|streamlit|python -m) [^`]+)`(?!`)")
PLACEHOLDER = re.compile(r"…|<[a-z]+>")  # a command with a placeholder cannot be run


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        document: path relative to the root. line: number of the first line of code. language: the word after the fence
            or "". text: content of the block. output: content of an `output` block directly after it, or None.
    """

    document: str
    line: int
    language: str
    text: str
    output: str | None = None

    @property
    def place(self) -> str:
        return f"{self.document}:{self.line}"


def blocks_of(path: Path) -> list[Block]:
    text = path.read_text(encoding="utf-8")
    found: list[Block] = []
    end = 0
    for fence in FENCE.finditer(text):
        language, content = fence.groups()
        if language == "output" and found and not text[end : fence.start()].strip():
            last = found.pop()
            found.append(Block(last.document, last.line, last.language, last.text, content))
        else:
            line = text[: fence.start(2)].count("\n") + 1
            found.append(Block(name_of(path), line, language, content))
        end = fence.end()
    return found


BLOCKS = [block for path in DOCUMENTS for block in blocks_of(path)]


@dataclass(frozen=True)
class Command:
    """One command of a document, without the variables before it.

    Attributes:
        place: document and line. words: the program and its arguments.
        mention: whether the command occurs in a sentence, where arguments may be missing.
    """

    place: str
    words: tuple[str, ...]
    mention: bool = False

    @property
    def text(self) -> str:
        return shlex.join(self.words)


def commands_in(place: str, line: str, mention: bool = False) -> Iterator[Command]:
    """Yield the commands of a shell line, which are separated by `&&`, `;` and `|`."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word not in ("&&", ";", "|"):
            words.append(word)
            continue
        while words and re.match(r"[A-Z_]+=", words[0]):
            words.pop(0)
        if words:
            yield Command(place, tuple(words), mention)
        words = []


def commands() -> Iterator[Command]:
    """Yield every command of the documents and of the module docstrings."""
    for block in BLOCKS:
        if block.language == "bash":
            for i, line in enumerate(block.text.splitlines()):
                yield from commands_in(f"{block.document}:{block.line + i}", line)
    for path in DOCUMENTS:
        for command in INLINE.findall(path.read_text(encoding="utf-8")):
            if not PLACEHOLDER.search(command):
                yield from commands_in(name_of(path), command, mention=True)
    for path in source_files("engine", "dashboard", "docs", "benchmarks"):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        for line in re.findall(r"^    (python -m .+|regscope .+)$", docstring, re.MULTILINE):
            yield from commands_in(name_of(path), line)


def source_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@dataclass(frozen=True)
class Example:
    """An example in a docstring: its file, its module and its code."""

    place: str
    module: str
    text: str


def docstring_examples() -> Iterator[Example]:
    """Yield the indented blocks of public docstrings that start with an import or with a loop over `train`."""
    for path in source_files("engine", "dashboard"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                continue
            if getattr(node, "name", "").startswith("_"):
                continue
            docstring = inspect.cleandoc(ast.get_docstring(node) or "")
            for block in re.findall(r"(?:^    .*\n?|^\n(?=    ))+", docstring, re.MULTILINE):
                code = textwrap.dedent(block).strip("\n")
                if re.match(r"from |import |for .* in train\(", code):
                    yield Example(name_of(path), module, code)


def has_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
