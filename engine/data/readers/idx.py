"""IDX, the format of MNIST's files: a magic number, the sizes, then the bytes."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy import ndarray as Array

from engine.errors import FieldError

UNSIGNED_BYTE = 0x08
PART = 1 << 20  # bytes read at once


def read_idx(path: Path, most: int = 1 << 30) -> Array:
    """The array of unsigned bytes in an IDX file, gzipped or not.

    Args:
        path: the file.
        most: the largest number of bytes to accept, before any is read into memory.

    Raises:
        FieldError: when the file cannot be read or is no IDX file of unsigned bytes, or its length
            does not fit its header; the message names the file.
    """
    try:
        with path.open("rb") as plain:
            zipped = plain.read(2) == b"\x1f\x8b"
        with cast(BinaryIO, gzip.open(path) if zipped else path.open("rb")) as file:
            return parse_idx(file, str(path), most, "fetch it again")
    except (OSError, EOFError, zlib.error) as error:
        raise FieldError(str(path), f"cannot be read ({error}): fetch it again or mend its permissions") from error


def parse_idx(file: BinaryIO, field: str, most: int, way_out: str) -> Array:
    """The array in an IDX file that is open and not gzipped.

    Args:
        file: at its beginning. field: what errors call it.
        most: the largest number of bytes to accept. way_out: what errors advise.

    Raises:
        FieldError: as `read_idx`.
    """
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] != UNSIGNED_BYTE or not 1 <= head[3] <= 4:
        raise FieldError(field, f"is no IDX file of unsigned bytes (it begins {head.hex()}): {way_out}")
    dimensions = file.read(4 * head[3])
    if len(dimensions) < 4 * head[3]:
        raise FieldError(field, f"ends within its header: {way_out}")
    shape = tuple(int(n) for n in np.frombuffer(dimensions, ">u4"))
    size = math.prod(shape)
    if not size:
        raise FieldError(field, f"says it holds nothing (its sizes are {shape}): {way_out}")
    if size > most:
        raise FieldError(field, f"says it holds {size} bytes, more than {most}: it is damaged, {way_out}")
    body = read_part(file, size + 1)
    if len(body) != size:
        found = "more" if len(body) > size else len(body)
        raise FieldError(field, f"must hold {size} bytes after its header, got {found}: {way_out}")
    return np.frombuffer(body, np.uint8).reshape(shape)


def read_part(file: BinaryIO, most: int) -> bytearray:
    """Up to `most` bytes, in parts: to ask for them at once is to make room for them, there or not."""
    body = bytearray()
    while len(body) < most and (part := file.read(min(PART, most - len(body)))):
        body += part
    return body
