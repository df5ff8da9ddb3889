"""NumPy's .npz files with an array x of features or images and an array y of labels.

The headers are read by a regular expression and the numbers as plain bytes: nothing in a file is unpickled or
evaluated, and an array is unpacked only after its header shows that it is within the limits.
"""

from __future__ import annotations

import io
import math
import re
import sys
import zipfile
from collections.abc import Mapping
from typing import BinaryIO, cast

import numpy as np
from numpy import ndarray as Array

from engine.data.readers.idx import read_at_most
from engine.data.readers.table import (
    MAX_NAME_LENGTH,
    MAX_ROWS,
    MAX_VALUES,
    Table,
    check_bytes,
    check_size,
    encode_labels,
    refuse,
)
from engine.errors import FieldError, format_limit

ZIP_ENTRY_MARK = b"PK\x01\x02"  # the beginning of each entry in the table of contents of a zip file
MAX_ENTRIES = 1_000  # each takes memory and time; a usual .npz has a few
HEADER_PATTERN = re.compile(
    rb"\{\s*'descr':\s*'([<>|=]?[fiubUS]\d{1,6})',\s*'fortran_order':\s*(True|False),"
    rb"\s*'shape':\s*\(\s*((?:\d{1,12}\s*,\s*)*(?:\d{1,12})?)\s*\),?\s*\}\s*"
)
MAX_HEADER_BYTES = 10_000


def read_npz(content: bytes, title: str = "Own data") -> Table:
    """Return the table in an .npz file with the arrays x and y.

    x has numbers (n, features), or images (n, height, width), either of bytes, which are divided by 256 as in MNIST,
    or of numbers from 0 to 1. y has whole numbers or strings (n,).

    Args:
        content: the file, from `numpy.savez` or `numpy.savez_compressed`. title: title given by the user.

    Raises:
        FieldError: for a file that is damaged, too large or has other arrays, and as `Table`.
    """
    check_bytes(content)
    if content.count(ZIP_ENTRY_MARK) > MAX_ENTRIES:
        refuse(f"must hold at most {MAX_ENTRIES:,} arrays, got more: save only x and y")
    arrays = read_arrays(io.BytesIO(content), {"x": 8 * MAX_VALUES, "y": 4 * (MAX_NAME_LENGTH + 1) * MAX_ROWS})
    x, y = arrays["x"], arrays["y"]
    if x.ndim not in (2, 3):
        refuse(f"must hold x as (n, features) or (n, height, width), got {x.shape}: reshape it")
    check_size(len(x), math.prod(x.shape[1:]))
    if y.shape not in ((len(x),), (len(x), 1)):
        refuse(f"must hold y as ({len(x)},), one label for each row of x, got {y.shape}: add or remove labels")
    if x.dtype.kind not in "fiub":
        refuse(f"must hold numbers in x, got {x.dtype}: convert them to numbers")
    image_shape = None
    if x.ndim == 3:
        image_shape = (int(x.shape[1]), int(x.shape[2]))
        x = _scale_pixels(x)
    labels, class_names = encode_labels(_label_texts(y.ravel()), "y")
    with np.errstate(over="ignore"):  # too large for float32: it becomes infinite, and `Table` refuses it
        values = x.reshape(len(x), -1).astype(np.float32, copy=False)
    return Table(values, labels, class_names, image_shape=image_shape, title=title)


def _scale_pixels(x: Array) -> Array:
    if x.dtype == np.uint8:
        pixels = x.astype(np.float32)
        pixels /= np.float32(256)
        return pixels
    if x.dtype.kind != "f" or not (x.min() >= 0 and x.max() <= 1):
        refuse(f"must hold images as bytes or as numbers from 0 to 1, got {x.dtype} in another range: scale them")
    return x


def _label_texts(y: Array) -> list[str]:
    """Return the labels as text."""
    if y.dtype.kind == "f":
        if not np.array_equal(y, np.rint(y)):
            refuse("must hold whole numbers or strings in y, got fractions: convert them to classes first")
        if np.abs(y).max() > 1e15:
            refuse("must hold whole numbers or strings in y, got numbers too large for a class: number the classes")
        y = y.astype(np.int64)
    try:
        texts = [value.decode() if isinstance(value, bytes) else str(value).strip() for value in y.tolist()]
        "".join(texts).encode()
    except ValueError:  # bytes or characters that are not valid text
        refuse("must hold valid UTF-8 text in y, got other bytes: save y as whole numbers")
    if "" in texts:
        row = texts.index("")
        refuse(f"must hold a label for every row in y, got an empty one in y[{row}]: fill it in or remove the row")
    return texts


def read_arrays(file: BinaryIO, limits: Mapping[str, int]) -> dict[str, Array]:
    """Return arrays of numbers or strings from an .npz file.

    Args:
        file: at its beginning. limits: the most bytes of each array to read, by name.

    Raises:
        FieldError: for a damaged file, and for an array that is missing, too large or of another type.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return {name: _read_member(archive, name, max_bytes) for name, max_bytes in limits.items()}
    except (FieldError, MemoryError):
        raise
    except Exception as error:  # with damaged bytes the zip reader may raise any error
        refuse(f"must be an .npz file, got a damaged one or another kind ({error!s:.100}): save it with numpy.savez")


def _read_member(archive: zipfile.ZipFile, name: str, max_bytes: int) -> Array:
    entries = [entry for entry in archive.infolist() if entry.filename == f"{name}.npy"]
    if not entries:
        names = ", ".join(entry.filename.removesuffix(".npy") for entry in archive.infolist()[:10])
        refuse(f"must hold an array {name}, got {names!r:.200}: save it with numpy.savez(file, x=…, y=…)")
    entry = entries[-1]
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        refuse(f"must be compressed as by numpy.savez, got another method for {name}: save it with NumPy")
    with archive.open(entry) as member:
        file = cast(BinaryIO, member)
        dtype, is_fortran_order, shape = _read_header(file, name)
        size = dtype.itemsize * math.prod(shape)
        if not size:
            refuse(f"must hold values in {name}, got an empty array {shape} of {dtype}: add rows")
        if size > max_bytes:
            limit_text, size_text = format_limit(max_bytes, size)
            refuse(f"must unpack to at most {limit_text} in {name}, got {size_text}: remove rows")
        body = read_at_most(
            file, size + 1
        )  # one more byte than it should have, so that the checksum at the end is read
    if len(body) != size:
        refuse(f"must hold {size} bytes in {name}, got {'more' if len(body) > size else len(body)}: save it again")
    flat = np.frombuffer(body, dtype)
    _check_code_points(flat, name)
    return flat.reshape(shape[::-1]).T if is_fortran_order else flat.reshape(shape)


def _check_code_points(flat: Array, name: str) -> None:
    """Refuse strings with numbers that are not characters, of which NumPy makes invalid strings without an error."""
    if flat.dtype.kind != "U" or not flat.dtype.itemsize:
        return
    code_points = flat.view(np.dtype(np.uint32).newbyteorder(flat.dtype.byteorder))
    if (largest := int(code_points.max())) > sys.maxunicode:
        refuse(
            f"must hold valid text in {name}, got the code point {largest:#x}, above {sys.maxunicode:#x}: "
            "save the array again, or use whole numbers"
        )


def _read_header(file: BinaryIO, name: str) -> tuple[np.dtype, bool, tuple[int, ...]]:
    """Return dtype, order and shape from the header of an .npy file; see numpy.lib.format."""
    beginning = file.read(8)
    if beginning[:6] != b"\x93NUMPY" or beginning[6:] not in (b"\1\0", b"\2\0"):
        refuse(f"must hold {name} in NumPy's format, got another: save it with numpy.savez")
    length = int.from_bytes(file.read(2 if beginning[6] == 1 else 4), "little")
    text = file.read(length) if length <= MAX_HEADER_BYTES else b""
    match = HEADER_PATTERN.fullmatch(text)
    if not match:
        object_advice = ": Python objects are never read, convert them to numbers or strings" if b"'|O'" in text else ""
        refuse(f"must hold numbers or strings in {name}, got another kind of array{object_advice or ': save it again'}")
    descr, fortran_order, sizes = match.groups()
    shape = tuple(int(size) for size in sizes.replace(b" ", b"").split(b",") if size)
    return np.dtype(descr.decode("ascii")), fortran_order == b"True", shape
