"""Arrays in the JSON file of a run, and the limit of their size, which follows from the run's config.

An array is {"dtype": "float32", "shape": [k], "packed": text}. The text is base64 of the zlib-compressed bytes,
little-endian, first the lowest byte of each number, then the next (docs/decisions/0011-large-networks.md).
Files of version 1 have "data" instead: base64 of the bytes. Both preserve the last bit of every number, and
NaN and ∞, which JSON does not have.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.data.readers.table import MAX_CLASSES, MAX_FEATURES
from engine.learning.network import Parameters
from engine.runs.extracts.keyframe import ROUNDED
from engine.runs.history.keyframes import MAX_BYTES, MIN_KEYFRAMES
from engine.runs.resources.machine import free_memory

DTYPES = ("float32", "float64", ROUNDED.name)
LEVEL = 1  # of zlib: higher levels save less than a hundredth of the weights and take several times as long
OTHER_BYTES = 48 << 20  # for everything but weights: a run has about two million characters of it
HEAD = 1 << 20  # characters at the beginning of a file that contain its config; a note has at most 10,000
SPARE_BYTES = 1 << 30  # arrays up to this size are decoded without a look at the free memory


def encode(array: Array) -> dict[str, Any]:
    """Return an array as plain JSON types."""
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    by_byte = little.view(np.uint8).reshape(array.size, array.itemsize).T.tobytes()
    packed = base64.b64encode(zlib.compress(by_byte, LEVEL)).decode("ascii")
    return {"dtype": array.dtype.name, "shape": list(array.shape), "packed": packed}


def is_array(value: Mapping[str, Any]) -> bool:
    """Return whether an object of a file is an array."""
    return value.keys() in ({"dtype", "shape", "packed"}, {"dtype", "shape", "data"})


def decode(value: Mapping[str, Any]) -> Array:
    """Return an array of a file. Check the sizes of all arrays first, see `check_sizes`.

    Raises:
        ValueError: for an object that `encode` cannot have made.
    """
    size, dtype = _size(value), np.dtype(value["dtype"])
    text = value.get("data", value.get("packed"))
    if not isinstance(text, str):
        raise ValueError("the bytes of an array must be text")
    raw = base64.b64decode(text, validate=True)
    packed = "packed" in value
    if packed:
        raw = _unpacked(raw, size * dtype.itemsize)
    if len(raw) != size * dtype.itemsize:
        raise ValueError(f"an array of shape [{size}] must have as many numbers, got {len(raw)} bytes")
    if packed:
        raw = np.frombuffer(raw, np.uint8).reshape(dtype.itemsize, size).T.tobytes()
    return np.frombuffer(raw, dtype.newbyteorder("<")).astype(dtype)


def check_sizes(body: Mapping[str, Any], config: RunConfig) -> None:
    """Check that all arrays of a file together are not larger than a run with this config can have.

    A few megabytes of compressed zeros would otherwise fill the memory.

    Raises:
        ValueError: if they are larger, or do not fit into the free memory.
    """
    total = sum(_size(array) * np.dtype(array["dtype"]).itemsize for array in _arrays(body))
    if total > max_array_bytes(config):
        raise ValueError(f"its arrays have {total:,} bytes, more than a run of its network can have")
    if total > max(SPARE_BYTES, free_memory() // 4):
        raise ValueError(f"its arrays have {total:,} bytes, too many for the free memory of this machine")


def max_array_bytes(config: RunConfig) -> int:
    """Return the most bytes that the arrays of a run with this config can have, whatever its data set."""
    parameters = Parameters.length((MAX_FEATURES, *config.hidden, MAX_CLASSES)) * np.dtype(config.dtype).itemsize
    return MAX_BYTES + (MIN_KEYFRAMES + 2) * parameters + OTHER_BYTES  # + 2: the checkpoint and the best epoch


def max_characters(text: str | bytes) -> int:
    """Return the most characters that the file of a run with the config at its beginning can have."""
    head = text[:HEAD] if isinstance(text, str) else text[:HEAD].decode(errors="replace")
    bytes_ = OTHER_BYTES
    try:
        about, _ = json.JSONDecoder().raw_decode(head, head.index("{", head.index('"about"')))
        bytes_ = max_array_bytes(RunConfig.from_dict(about["config"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass  # reading the whole file gives the reason
    return bytes_ * 4 // 3


def _arrays(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        if is_array(value):
            yield value
            return
        value = value.values()
    elif not isinstance(value, list):
        return
    for each in value:
        yield from _arrays(each)


def _size(array: Mapping[str, Any]) -> int:
    """Return the number of elements of an array of a file. Raises `ValueError` for an impossible one."""
    dtype, shape = array["dtype"], array["shape"]
    if dtype not in DTYPES or not isinstance(shape, list) or len(shape) != 1:
        raise ValueError(f"an array must have one dimension and be of {' or '.join(DTYPES)}")
    (size,) = shape
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise ValueError(f"an array cannot have the shape {str(shape)[:40]}")
    return size


def _unpacked(raw: bytes, size: int) -> bytes:
    """Return decompressed bytes, at most one more than expected: a small text may contain gigabytes of zeros."""
    reader = zlib.decompressobj()
    try:
        return reader.decompress(raw, size + 1)
    except zlib.error as error:
        raise ValueError(f"an array cannot be decompressed ({error})") from error
