"""IDX, the format of MNIST's files: a magic number, the sizes, then the bytes."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from engine.activations import Array
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
            head = file.read(4)
            if len(head) < 4 or head[:2] != b"\0\0" or head[2] != UNSIGNED_BYTE or not 1 <= head[3] <= 4:
                raise FieldError(
                    str(path), f"is no IDX file of unsigned bytes (it begins {head.hex()}): fetch it again"
                )
            dimensions = file.read(4 * head[3])
            if len(dimensions) < 4 * head[3]:
                raise FieldError(str(path), "ends within its header: fetch it again")
            shape = tuple(int(n) for n in np.frombuffer(dimensions, ">u4"))
            size = math.prod(shape)
            if not size:
                raise FieldError(str(path), f"says it holds nothing (its sizes are {shape}): fetch it again")
            if size > most:
                raise FieldError(
                    str(path), f"says it holds {size} bytes, more than {most}: it is damaged, fetch it again"
                )
            body = _read(file, size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FieldError(str(path), f"cannot be read ({error}): fetch it again or mend its permissions") from error
    if len(body) != size:
        raise FieldError(
            str(path),
            f"must hold {size} bytes after its header, got {'more' if len(body) > size else len(body)}: fetch it again",
        )
    return np.frombuffer(body, np.uint8).reshape(shape)


def _read(file: BinaryIO, most: int) -> bytearray:
    """Up to `most` bytes, in parts: to ask for them at once is to make room for them, there or not."""
    body = bytearray()
    while len(body) < most and (part := file.read(min(PART, most - len(body)))):
        body += part
    return body
