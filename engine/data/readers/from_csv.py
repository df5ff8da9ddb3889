"""CSV files: a header, one column with the labels, numbers in all others."""

from __future__ import annotations

import csv
import io
import math
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from engine.data.readers.table import (
    MOST_FEATURES,
    MOST_LETTERS,
    MOST_PROBLEMS,
    MOST_ROWS,
    Table,
    check_bytes,
    classes_of,
    in_words,
    refuse,
)
from engine.errors import FieldError

SEPARATORS = (",", ";", "\t")
PREVIEW = 5  # rows: enough to recognize a file by
LOOKED_AT = 200  # rows to guess the label's column from
HEAD = 1 << 20  # letters in which the header and a row must be found to guess the separator by
LARGEST = float(np.finfo(np.float32).max)

# What a column of labels is usually called; an y may also be a coordinate.
LABEL_NAMES = ("label", "labels", "class", "target", "category", "species", "outcome", "digit")

Row = list[str]


@dataclass(frozen=True)
class Columns:
    """What a CSV file looks like, before it is read whole.

    Attributes:
        names: of all columns. label: the one that looks like the labels.
        preview: the first rows, a cell for each column.
        separator: what stands between two cells.
    """

    names: tuple[str, ...]
    label: str
    preview: tuple[tuple[str, ...], ...]
    separator: str


def columns(content: bytes) -> Columns:
    """The columns of a CSV file, a guess which holds the labels, and its first rows.

    The guess is a usual name, else the last column that is not all numbers, else y, else the last of all.

    Raises:
        FieldError: for what is no CSV file with a header and at least two columns.
    """
    separator, names, rows = _open(content)
    first = [row for _, row in _upto(LOOKED_AT, rows)]
    preview = tuple(
        tuple(cell[:MOST_LETTERS] for cell in (row + [""] * len(names))[: len(names)]) for row in first[:PREVIEW]
    )
    return Columns(names, _guess(names, first), preview, separator)


def read_csv(content: bytes, label: str | None = None, title: str = "Own data") -> Table:
    """The table in a CSV file.

    Cells may be quoted; spaces around them are nothing. Commas, semicolons or tabs stand between
    them, whichever the header has. A byte order mark is allowed, empty lines are passed over.

    Args:
        content: the file, UTF-8. label: the column with the labels; the guess of `columns` when left out.
        title: what a person calls it.

    Raises:
        FieldError: for a label that is no column, cells that are missing or no numbers, by row (the
            header is row 1) and column, and for what `Table` refuses.
    """
    _, names, rows = _open(content)
    if label is None:
        label = columns(content).label
    if label not in names:
        refuse(f"must be one of {_listed(names)}, got {label!r:.60}: take a column of the file", "label")
    place = names.index(label)
    careful = b"_" in content  # Python reads 1_000 as a number; nobody who writes CSV does
    values = array("d")
    labels: list[str] = []
    problems: list[str] = []
    for number, row in rows:
        if len(labels) == MOST_ROWS:
            refuse(f"must have at most {MOST_ROWS:,} rows, got more: leave some out")
        if len(row) != len(names):
            problems.append(f"row {number} has {len(row)} cells and the header {len(names)}")
        else:
            name = row.pop(place)
            if not name:
                problems.append(f"row {number}, column {label!r}: no label")
            labels.append(name)
            try:
                numbers = [_number(cell) for cell in row] if careful else list(map(float, row))
                good = all(map(math.isfinite, numbers)) and max(map(abs, numbers)) <= LARGEST
            except ValueError:
                good = False
            if good:
                values.extend(numbers)
            else:
                problems += _bad_cells(number, row, [*names[:place], *names[place + 1 :]])
        if len(problems) > MOST_PROBLEMS:
            break
    if problems:
        refuse(f"must have a label and finite numbers in every row, got {in_words(problems)}: mend or remove them")
    classes, class_names = classes_of(labels, f"column {label!r}")
    return Table(
        x=np.frombuffer(values, np.float64).astype(np.float32).reshape(len(labels), len(names) - 1),
        labels=classes,
        class_names=class_names,
        feature_names=(*names[:place], *names[place + 1 :]),
        title=title,
    )


def _open(content: bytes) -> tuple[str, tuple[str, ...], Iterator[tuple[int, Row]]]:
    """Separator, names of the columns, and the rows after the header with their numbers."""
    check_bytes(content)
    text = _text(bytes(content))
    head = text[:HEAD]
    separator = max(SEPARATORS, key=lambda one: _fit(head, one))
    rows = _rows(text, separator)
    header = next(rows, None)
    if header is None:
        refuse("must have a header and rows, got empty lines: name the columns in the first line")
    _, cells = header
    if len(cells) < 2:
        refuse(
            f"must have a column for the label and one for a feature, got one ({cells[0]!r:.60}): "
            "put commas, semicolons or tabs between the cells"
        )
    if len(cells) > MOST_FEATURES + 1:
        refuse(f"must have at most {MOST_FEATURES:,} features, got {len(cells) - 1:,}: leave some out")
    return separator, _names(cells), rows


def _text(content: bytes) -> str:
    if content.startswith((b"\x1f\x8b", b"PK")):
        refuse("must be a CSV file, got a compressed one: unpack it first, or give an .npz as such")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        refuse("must be UTF-8, got UTF-16: save it as “CSV UTF-8”")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        refuse(f"must be UTF-8, got the byte {content[error.start]:#x} in line {line}: save it as “CSV UTF-8”")
    if "\0" in text:
        refuse("must be text, got a zero byte: choose the CSV file itself")
    return text


def _rows(text: str, separator: str) -> Iterator[tuple[int, Row]]:
    """Every row that is not empty, its cells without the spaces around them, with its number from 1."""
    number = 0
    # strict: an open quote would otherwise take in the rest of the file as one cell
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            if row:
                cells = [cell.strip() for cell in row]
                if any(cells):
                    yield number, cells
    except csv.Error as error:
        refuse(f"must be CSV, got {error} after row {number}: see that every quote is closed and no cell is endless")


def _fit(text: str, separator: str) -> tuple[bool, int]:
    """How well a separator fits: the header and the next row have as many cells, and many of them."""
    lengths: list[int] = []
    with suppress(FieldError):  # a row that is broken off; another separator may do better
        lengths += (len(row) for _, row in _upto(2, _rows(text, separator)))
    return len(lengths) == 2 and lengths[0] == lengths[1] > 1, lengths[0] if lengths else 0


def _upto(count: int, rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    return (found for found, _ in zip(rows, range(count), strict=False))


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    """The columns' names from the header. An empty one is called after its place.

    Raises:
        FieldError: for a header that is none, and a name that is too long or stands twice.
    """
    counted = [[str(k) for k in range(first, first + len(cells))] for first in (0, 1)]
    if all(_is_number(cell) for cell in cells) and list(cells) not in counted:  # some programs name columns 0, 1, 2
        refuse(f"must have names in its first row, got numbers ({_listed(cells)}): add a header")
    names = [cell or f"column {k}" for k, cell in enumerate(cells, start=1)]
    seen: set[str] = set()
    for k, name in enumerate(names, start=1):
        if len(name) > MOST_LETTERS:
            refuse(f"must have names of at most {MOST_LETTERS} characters, got {len(name):,} in column {k}: shorten it")
        if name in seen:
            refuse(f"must have a name of its own for every column, got {name!r} twice: rename one")
        seen.add(name)
    return tuple(names)


def _guess(names: Sequence[str], rows: Sequence[Row]) -> str:
    called = {name.lower(): name for name in reversed(names)}
    for usual in LABEL_NAMES:
        if usual in called:
            return called[usual]
    words = [
        name for k, name in enumerate(names) if any(k < len(row) and row[k] and not _is_number(row[k]) for row in rows)
    ]
    return words[-1] if words else called.get("y", names[-1])


def _number(cell: str) -> float:
    if "_" in cell:
        raise ValueError(cell)
    return float(cell)


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(_number(cell))
    except ValueError:
        return False


def _bad_cells(number: int, row: Row, names: Sequence[str]) -> list[str]:
    """What is wrong with the features of a row, up to the ten and one that are needed."""
    found = []
    for cell, name in zip(row, names, strict=True):
        where = f"row {number}, column {name!r:.60}"
        if not cell:
            found.append(f"{where}: missing")
        elif not _is_number(cell):
            comma = ", write a point for the comma" if _is_number(cell.replace(",", ".", 1)) else ""
            found.append(f"{where}: {cell!r:.40} is no finite number{comma}")
        elif abs(float(cell)) > LARGEST:
            found.append(f"{where}: {cell:.40} is more than float32 can hold")
        if len(found) > MOST_PROBLEMS:
            break
    return found


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"{name[:MOST_LETTERS]}" for name in names[:10])
    return shown + (f" and {len(names) - 10} more" if len(names) > 10 else "")
