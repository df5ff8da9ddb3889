"""Small data files, valid and invalid, and checks of the tables read from them."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from typing import Any

import numpy as np

from engine import FieldError
from engine.data import Table

FLOWERS = ("setosa", "versicolor", "virginica")


def flowers(n: int = 30, separator: str = ",") -> bytes:
    """A CSV file with three features and a species; numbers are written by `repr`."""
    rng = np.random.default_rng(n)
    lines = [separator.join(["sepal length", "sepal width", "petal", "species"])]
    for i in range(n):
        lines.append(separator.join([*(repr(round(v, 3)) for v in rng.normal(5, 2, 3).tolist()), FLOWERS[i % 3]]))
    return ("\n".join(lines) + "\n").encode()


def npz(compressed: bool = True, **arrays: Any) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    return file.getvalue()


def npz_of(**members: bytes) -> bytes:
    """An .npz file with these members, valid or not, and correct checksums."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array)
    return file.getvalue()


def npy_with_header(header: str, body: bytes = b"", version: bytes = b"\1\0") -> bytes:
    """An .npy file with this header, in the format of numpy.lib.format."""
    text = header.encode() + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H" if version[0] == 1 else "<I", len(text)) + text + body


def idx(sizes: tuple[int, ...], body: bytes, zipped: bool = False) -> bytes:
    content = b"\0\0\x08" + bytes([len(sizes)]) + b"".join(struct.pack(">I", size) for size in sizes) + body
    return gzip.compress(content) if zipped else content


def pictures(n: int = 24, height: int = 4, width: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    return rng.integers(0, 256, (n, height, width), dtype=np.uint8), (np.arange(n) % 3 + 4).astype(np.uint8)


def check_table(table: Table) -> None:
    """Check the properties that every table must have."""
    n, features = table.x.shape
    assert table.x.dtype == np.float32
    assert np.isfinite(table.x).all()
    assert table.labels.shape == (n,)
    assert table.labels.dtype == np.int64
    assert sorted(set(table.labels.tolist())) == list(range(len(table.class_names)))
    assert 20 <= n <= 200_000
    assert 1 <= features <= 5_000
    assert 2 <= len(table.class_names) <= 100
    assert len(set(table.class_names)) == len(table.class_names)
    assert all(name and len(name) <= 100 for name in table.class_names)
    assert len(table.feature_names) in (0, features)
    if table.image_shape is not None:
        assert table.image_shape[0] * table.image_shape[1] == features
        assert 0 <= table.x.min() <= table.x.max() <= 1


def refusal_message(error: FieldError) -> str:
    """Return the message of an error, after checking that it is short and has the field and advice."""
    message = str(error)
    assert message.startswith(error.field)
    assert ": " in message, f"no advice: {message}"
    assert len(message) < 2_500, message
    return message
