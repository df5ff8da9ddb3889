"""IDX, the format of the MNIST files: a magic number, the sizes, then the bytes."""

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
CHUNK_BYTES = 1 << 20  # bytes read at once


def read_idx(path: Path, max_bytes: int = 1 << 30) -> Array:
    """Return the array of unsigned bytes in an IDX file, gzipped or not.

    Args:
        path: the file. max_bytes: the largest accepted size of the array in bytes, checked before it is read.

    Raises:
        FieldError: when the file cannot be read, is not an IDX file of unsigned bytes, or has another length than
            its header; the message names the file.
    """
    try:
        with path.open("rb") as raw_file:
            is_gzipped = raw_file.read(2) == b"\x1f\x8b"
        with cast(BinaryIO, gzip.open(path) if is_gzipped else path.open("rb")) as file:
            return parse_idx(file, str(path), max_bytes, "download it again")
    except (OSError, EOFError, zlib.error) as error:
        raise FieldError(str(path), f"cannot be read ({error}): download it again or change its permissions") from error


def parse_idx(file: BinaryIO, field: str, max_bytes: int, way_out: str) -> Array:
    """Return the array in an open IDX file that is not gzipped.

    Args:
        file: at its beginning. field: its name in errors.
        max_bytes: the largest accepted size of the array in bytes. way_out: the advice in errors.

    Raises:
        FieldError: as `read_idx`.
    """
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] != UNSIGNED_BYTE or not 1 <= magic[3] <= 4:
        raise FieldError(field, f"is not an IDX file of unsigned bytes (it begins with {magic.hex()}): {way_out}")
    dimensions = file.read(4 * magic[3])
    if len(dimensions) < 4 * magic[3]:
        raise FieldError(field, f"ends within its header: {way_out}")
    shape = tuple(int(n) for n in np.frombuffer(dimensions, ">u4"))
    size = math.prod(shape)
    if not size:
        raise FieldError(field, f"has an empty array of shape {shape} in its header: {way_out}")
    if size > max_bytes:
        raise FieldError(field, f"has {size} bytes by its header, more than {max_bytes}: it is damaged, {way_out}")
    body = read_at_most(file, size + 1)
    if len(body) != size:
        received = "more" if len(body) > size else len(body)
        raise FieldError(field, f"must have {size} bytes after its header, got {received}: {way_out}")
    return np.frombuffer(body, np.uint8).reshape(shape)


def read_at_most(file: BinaryIO, max_bytes: int) -> bytearray:
    """Return up to `max_bytes` bytes, read in parts: reading all at once would reserve memory for `max_bytes` bytes."""
    body = bytearray()
    while len(body) < max_bytes and (chunk := file.read(min(CHUNK_BYTES, max_bytes - len(body)))):
        body += chunk
    return body
