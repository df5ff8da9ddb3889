"""CSV files with a header, one column of labels, and numbers in all other columns."""

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
    MAX_FEATURES,
    MAX_NAME_LENGTH,
    MAX_PROBLEMS,
    MAX_ROWS,
    Table,
    check_bytes,
    encode_labels,
    join_problems,
    refuse,
)
from engine.errors import FieldError

SEPARATORS = (",", ";", "\t")
PREVIEW_ROWS = 5
GUESS_ROWS = 200  # rows that the guess of the label column uses
GUESS_CHARACTERS = 1 << 20  # of the file that the guess of the separator uses
MAX_VALUE = float(np.finfo(np.float32).max)

# Usual names of the label column. "y" is not one of them: it may be a coordinate.
LABEL_NAMES = ("label", "labels", "class", "target", "category", "species", "outcome", "digit")

Row = list[str]


@dataclass(frozen=True)
class Columns:
    """The columns of a CSV file, determined without reading the whole file.

    Attributes:
        names: names of all columns. label: the name of the probable label column.
        preview: the first rows, a cell for each column.
        separator: the character between two cells.
    """

    names: tuple[str, ...]
    label: str
    preview: tuple[tuple[str, ...], ...]
    separator: str


def read_columns(content: bytes) -> Columns:
    """Return the columns of a CSV file, the probable label column, and the first rows.

    The label column is the first of: a column with a usual name, the last column with text, "y", the last column.

    Raises:
        FieldError: for anything but a CSV file with a header and at least two columns.
    """
    separator, names, rows = _open_csv(content)
    first_rows = [row for _, row in _first_rows(GUESS_ROWS, rows)]
    preview = tuple(
        tuple(cell[:MAX_NAME_LENGTH] for cell in (row + [""] * len(names))[: len(names)])
        for row in first_rows[:PREVIEW_ROWS]
    )
    return Columns(names, _guess_label_column(names, first_rows), preview, separator)


def read_csv(content: bytes, label: str | None = None, title: str = "Own data") -> Table:
    """Return the table in a CSV file.

    The separator is the comma, semicolon or tab of the header. Cells may be quoted. Spaces around cells, a byte order
    mark and empty lines are ignored.

    Args:
        content: the file, UTF-8. label: the label column; default as in `read_columns`.
        title: title given by the user.

    Raises:
        FieldError: for an unknown label column, cells that are missing or not numbers, by row (the header is row 1)
            and column, and as `Table`.
    """
    _, names, rows = _open_csv(content)
    if label is None:
        label = read_columns(content).label
    if label not in names:
        refuse(f"must be one of {_join_column_names(names)}, got {label!r:.60}: choose a column of the file", "label")
    label_index = names.index(label)
    has_underscores = b"_" in content  # Python reads 1_000 as a number; in a CSV file it is text
    values = array("d")
    labels: list[str] = []
    problems: list[str] = []
    for number, row in rows:
        if len(labels) == MAX_ROWS:
            refuse(f"must have at most {MAX_ROWS:,} rows, got more: remove some")
        if len(row) != len(names):
            problems.append(f"row {number} has {len(row)} cells and the header {len(names)}")
        else:
            label_text = row.pop(label_index)
            if not label_text:
                problems.append(f"row {number}, column {label!r}: no label")
            labels.append(label_text)
            try:
                numbers = [_parse_number(cell) for cell in row] if has_underscores else list(map(float, row))
                is_valid = all(map(math.isfinite, numbers)) and max(map(abs, numbers)) <= MAX_VALUE
            except ValueError:
                is_valid = False
            if is_valid:
                values.extend(numbers)
            else:
                problems += _cell_problems(number, row, [*names[:label_index], *names[label_index + 1 :]])
        if len(problems) > MAX_PROBLEMS:
            break
    if problems:
        refuse(
            f"must have a label and finite numbers in every row, got {join_problems(problems)}: correct or remove them"
        )
    class_numbers, class_names = encode_labels(labels, f"column {label!r}")
    return Table(
        x=np.frombuffer(values, np.float64).astype(np.float32).reshape(len(labels), len(names) - 1),
        labels=class_numbers,
        class_names=class_names,
        feature_names=(*names[:label_index], *names[label_index + 1 :]),
        title=title,
    )


def _open_csv(content: bytes) -> tuple[str, tuple[str, ...], Iterator[tuple[int, Row]]]:
    """Return the separator, the names of the columns, and the rows after the header with their numbers."""
    check_bytes(content)
    text = _decode(bytes(content))
    beginning = text[:GUESS_CHARACTERS]
    separator = max(SEPARATORS, key=lambda candidate: _separator_score(beginning, candidate))
    rows = _numbered_rows(text, separator)
    header = next(rows, None)
    if header is None:
        refuse("must have a header and rows, got empty lines: write the names of the columns into the first line")
    _, cells = header
    if len(cells) < 2:
        refuse(
            f"must have a column for the label and one for a feature, got one ({cells[0]!r:.60}): "
            "separate the cells by commas, semicolons or tabs"
        )
    if len(cells) > MAX_FEATURES + 1:
        refuse(f"must have at most {MAX_FEATURES:,} features, got {len(cells) - 1:,}: remove some")
    return separator, _column_names(cells), rows


def _decode(content: bytes) -> str:
    if content.startswith((b"\x1f\x8b", b"PK")):
        refuse("must be a CSV file, got a compressed one: unpack it, or name an .npz file .npz")
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


def _numbered_rows(text: str, separator: str) -> Iterator[tuple[int, Row]]:
    """Yield every row that is not empty, with its number from 1; spaces around cells are removed."""
    number = 0
    # strict: otherwise an open quote would make the rest of the file one cell
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            if row:
                cells = [cell.strip() for cell in row]
                if any(cells):
                    yield number, cells
    except csv.Error as error:
        refuse(f"must be CSV, got {error} after row {number}: close every quote and shorten very long cells")


def _separator_score(text: str, separator: str) -> tuple[bool, int]:
    """Return how well a separator fits: whether header and next row have equally many cells, and how many."""
    lengths: list[int] = []
    with suppress(FieldError):  # the last row may be cut off; another separator may fit
        lengths += (len(row) for _, row in _first_rows(2, _numbered_rows(text, separator)))
    return len(lengths) == 2 and lengths[0] == lengths[1] > 1, lengths[0] if lengths else 0


def _first_rows(count: int, rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    return (numbered_row for numbered_row, _ in zip(rows, range(count), strict=False))


def _column_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns from the header; an empty cell of column 3 gives "column 3".

    Raises:
        FieldError: for a header of numbers, a name that is too long, and a duplicate name.
    """
    numbered_headers = [[str(k) for k in range(first, first + len(cells))] for first in (0, 1)]
    if (
        all(_is_number(cell) for cell in cells) and list(cells) not in numbered_headers
    ):  # some programs number the columns
        refuse(f"must have names in its first row, got numbers ({_join_column_names(cells)}): add a header")
    names = [cell or f"column {k}" for k, cell in enumerate(cells, start=1)]
    seen_names: set[str] = set()
    for k, name in enumerate(names, start=1):
        if len(name) > MAX_NAME_LENGTH:
            refuse(
                f"must have names of at most {MAX_NAME_LENGTH} characters, got {len(name):,} in column {k}: shorten it"
            )
        if name in seen_names:
            refuse(f"must have a different name for every column, got {name!r} twice: rename one")
        seen_names.add(name)
    return tuple(names)


def _guess_label_column(names: Sequence[str], rows: Sequence[Row]) -> str:
    by_lower_name = {name.lower(): name for name in reversed(names)}
    for label_name in LABEL_NAMES:
        if label_name in by_lower_name:
            return by_lower_name[label_name]
    text_columns = [
        name for k, name in enumerate(names) if any(k < len(row) and row[k] and not _is_number(row[k]) for row in rows)
    ]
    return text_columns[-1] if text_columns else by_lower_name.get("y", names[-1])


def _parse_number(cell: str) -> float:
    if "_" in cell:
        raise ValueError(cell)
    return float(cell)


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(_parse_number(cell))
    except ValueError:
        return False


def _cell_problems(number: int, row: Row, names: Sequence[str]) -> list[str]:
    """Return the problems with the features of a row, at most eleven: ten are shown, one more is counted."""
    problems = []
    for cell, name in zip(row, names, strict=True):
        place = f"row {number}, column {name!r:.60}"
        if not cell:
            problems.append(f"{place}: missing")
        elif not _is_number(cell):
            comma_advice = ", write a decimal point for the comma" if _is_number(cell.replace(",", ".", 1)) else ""
            problems.append(f"{place}: {cell!r:.40} is not a finite number{comma_advice}")
        elif abs(float(cell)) > MAX_VALUE:
            problems.append(f"{place}: {cell:.40} is too large for float32")
        if len(problems) > MAX_PROBLEMS:
            break
    return problems


def _join_column_names(names: Sequence[str]) -> str:
    text = ", ".join(f"{name[:MAX_NAME_LENGTH]}" for name in names[:10])
    return text + (f" and {len(names) - 10} more" if len(names) > 10 else "")
