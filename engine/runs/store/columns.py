"""The columns of a table, derived from a dataclass whose fields describe how they are stored.

A field is declared as `field(default=..., metadata=stored(...))`. These declarations define the
SELECT and INSERT statements, the UPDATE of a row while its run trains, and the packed form of a row
in files. Only the table `series` has no dataclass: it contains arrays by name.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy import ndarray as Array

RUN_DTYPE = "run"  # the dtype of a column whose arrays have the dtype of their run

# what decoding a cell of a damaged row may raise; a cell may have any type of SQLite and contain any JSON
DAMAGE_ERRORS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)


class Writer(Enum):
    """What updates a column of an existing row. A new row has all columns except DELETION."""

    START = auto()  # the value never changes
    TRAINING = auto()  # the worker, with every write
    USER = auto()  # `Store.set_description`
    DELETION = auto()  # `Store.delete` and `Store.restore`; NULL in a new row


def _identity(value: Any) -> Any:
    return value


def _accept_any(value: Any) -> None:
    pass


@dataclass(frozen=True)
class Column:
    """How one field is stored.

    Attributes:
        field: the name of the field in the dataclass. name: the name of the column and the key in the packed form.
        writer: what updates the column.
        json: whether the column contains JSON text.
        encode: converts the value of the field to plain JSON types. decode: the inverse.
        dtype: the dtype if the column contains arrays, which are stored as little-endian bytes; else "".
        check: raises `ValueError` for a plain value that is invalid for the field.
        cached: whether decoded JSON texts are cached; only for immutable values.
    """

    field: str
    name: str
    writer: Writer = Writer.START
    json: bool = False
    dtype: str = ""
    encode: Callable[[Any], Any] = _identity
    decode: Callable[[Any], Any] = _identity
    check: Callable[[Any], Any] = _accept_any
    cached: bool = False


def column_metadata(name: str = "", **attributes: Any) -> Mapping[str, Any]:
    """Return the `metadata` of a dataclass field that is stored as a column.

    Args:
        name: the name of the column; by default that of the field. attributes: other attributes of `Column`.
    """
    return {"column": {"name": name, **attributes}}


_columns: dict[type, tuple[Column, ...]] = {}


def columns_of(record_type: type[Any]) -> tuple[Column, ...]:
    """Return the columns of a dataclass, in the order of its fields."""
    if record_type not in _columns:
        columns = []
        for field in dataclasses.fields(record_type):
            attributes = dict(field.metadata["column"])
            columns.append(Column(field.name, attributes.pop("name") or field.name, **attributes))
        _columns[record_type] = tuple(columns)
    return _columns[record_type]


def column_names(record_type: type[Any]) -> str:
    """Return the column names of a dataclass for a SELECT statement."""
    return ", ".join(column.name for column in columns_of(record_type))


def to_row(value: Any) -> dict[str, Any]:
    """Return the values of a new row by column, without columns of the writer DELETION."""
    return {
        column.name: to_cell(column, getattr(value, column.field))
        for column in columns_of(type(value))
        if column.writer is not Writer.DELETION
    }


def to_cell(column: Column, value: Any) -> Any:
    """Return the value of a field as it is stored in SQLite."""
    plain = column.encode(value)
    if column.dtype:
        return to_bytes(plain)
    return json.dumps(plain, ensure_ascii=False) if column.json else plain


def fields_from_row(record_type: type[Any], row: tuple[Any, ...]) -> dict[str, Any]:
    """Check a row of all columns and return its fields by name.

    Raises:
        ValueError: for a damaged row, with the name of the column.
    """
    fields: dict[str, Any] = {}
    for column, cell in zip(columns_of(record_type), row, strict=True):
        decode_cell = _decode_cell_cached if column.cached else _decode_cell
        try:
            fields[column.field] = decode_cell(column, cell)
        except DAMAGE_ERRORS as error:
            raise ValueError(f"{column.name}: {error}") from error
    return fields


def packed_from_row(record_type: type[Any], row: tuple[Any, ...], run_dtype: str = "float32") -> dict[str, Any]:
    """Return the packed form of a row: plain JSON types or arrays by column.

    Args:
        record_type: the dataclass. row: the cells of all columns. run_dtype: the dtype of the run.

    Raises:
        ValueError: for a damaged row.
    """
    packed = {}
    for column, cell in zip(columns_of(record_type), row, strict=True):
        if column.dtype:
            packed[column.name] = from_bytes(cell, run_dtype if column.dtype == RUN_DTYPE else column.dtype)
        else:
            packed[column.name] = json.loads(cell) if column.json else cell
    return packed


def pack_fields(value: Any) -> dict[str, Any]:
    """Return the packed form of a dataclass: plain JSON types or arrays by column."""
    return {column.name: column.encode(getattr(value, column.field)) for column in columns_of(type(value))}


def unpack_fields(record_type: type[Any], packed: Mapping[str, Any]) -> dict[str, Any]:
    """Check the packed form and return the fields by name.

    Raises:
        ValueError: for an unknown column or an invalid value.
    """
    columns = {column.name: column for column in columns_of(record_type)}
    unknown_names = set(packed) - set(columns)
    if unknown_names:
        raise ValueError(f"unknown fields: {', '.join(sorted(map(str, unknown_names)))[:100]}")
    fields = {}
    for name, plain in packed.items():
        column = columns[name]
        try:
            column.check(plain)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        fields[column.field] = column.decode(plain)
    return fields


def to_bytes(array: Array) -> bytes:
    """Return the little-endian bytes of an array."""
    little_endian: Any = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return bytes(little_endian.tobytes())


def from_bytes(data: bytes, dtype: str) -> Array:
    """Return the array from bytes of `to_bytes`, a copy in the byte order of this machine.

    Raises:
        ValueError: if the number of bytes is not a multiple of the element size.
    """
    return np.frombuffer(data, np.dtype(dtype).newbyteorder("<")).astype(dtype)


def _decode_cell(column: Column, cell: Any) -> Any:
    plain = json.loads(cell) if column.json else cell
    column.check(plain)
    return column.decode(plain)


# the list of runs is read often with the same configs, and most of the time is spent on checking them
_decode_cell_cached = cast(Callable[[Column, Any], Any], lru_cache(maxsize=4096)(_decode_cell))
