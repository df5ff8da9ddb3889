"""A mutation of one file, and an even sample of mutations."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path


@dataclass(frozen=True)
class Mutation:
    """One change of one file."""

    file: str  # relative to the root, with slashes
    line: int  # the first changed line, from 1
    operator: str  # the kind of change
    original: str  # the whole text of the file
    mutated: str  # the whole text after the change

    @property
    def diff(self) -> str:
        """Return the changed lines: the original ones with "-" and the new ones with "+"."""
        lines = list(unified_diff(self.original.splitlines(), self.mutated.splitlines(), lineterm="", n=0))
        return "\n".join(line for line in lines[2:] if not line.startswith("@@"))

    @property
    def key(self) -> tuple[str, str]:
        """Return the file and the changed text without indentation, which do not depend on the line number."""
        return self.file, "\n".join(f"{line[0]} {line[1:].strip()}" for line in self.diff.splitlines())


def mutation_at(file: str, text: str, operator: str, start: int, end: int, replacement: str) -> Mutation:
    """Return the mutation that replaces `text[start:end]`."""
    mutated = text[:start] + replacement + text[end:]
    return Mutation(file, text.count("\n", 0, start) + 1, operator, text, mutated)


def sample(
    root: Path, files: list[str], mutations_of: Callable[[str, str, int], list[Mutation]], count: int, seed: int
) -> list[Mutation]:
    """Return `count` mutations at even distances in the lines of all files; equal seeds give equal samples.

    If a line has no mutation, the next line that has one is used.
    """
    texts = {file: (root / file).read_text(encoding="utf-8") for file in sorted(files)}
    places = [(file, line) for file, text in texts.items() for line in range(1, text.count("\n") + 2)]
    draw = random.Random(seed)
    distance = len(places) / max(count, 1)
    first = draw.random() * distance
    chosen: list[Mutation] = []
    used = -1
    for number in range(count):
        for index in range(max(used + 1, int(first + number * distance)), len(places)):
            file, line = places[index]
            if candidates := mutations_of(file, texts[file], line):
                chosen.append(draw.choice(candidates))
                used = index
                break
    return chosen
