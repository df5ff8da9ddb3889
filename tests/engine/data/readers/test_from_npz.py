"""NPZ files: files written by NumPy are read, others are refused, and zip bombs are not unpacked."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from typing import Any

import numpy as np
import pytest

from engine import FieldError
from engine.data import read_npz
from tests.engine.data.own_files import (
    FLOWERS,
    check_table,
    npy,
    npy_with_header,
    npz,
    npz_of,
    pictures,
    refusal_message,
)

X = np.random.default_rng(0).normal(size=(30, 4))
Y = np.arange(30) % 3


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("kind", ["<f2", "<f4", ">f4", "<f8", ">f8", "u1", "<i8", ">i2", "?"])
def test_features_of_every_numeric_dtype_are_read(kind: str, compressed: bool) -> None:
    x = (X * 10).astype(kind)
    table = read_npz(npz(compressed, x=x, y=Y), title="Mine")
    check_table(table)
    assert table.x.tolist() == x.astype(np.float32).tolist()
    assert table.labels.tolist() == Y.tolist()
    assert (table.title, table.feature_names, table.image_shape) == ("Mine", (), None)


@pytest.mark.parametrize(
    ("y", "names"),
    [
        (Y * 10 - 10, ("-10", "0", "10")),
        (np.array([2, 10, 1])[Y], ("1", "2", "10")),
        (Y.astype(float), ("0", "1", "2")),
        (np.array([2, 10, 1])[Y].astype("u1"), ("1", "2", "10")),
        (np.array(FLOWERS)[Y], FLOWERS),
        (np.array(FLOWERS)[Y].astype("S"), FLOWERS),
        (Y > 0, ("False", "True")),
        (Y.reshape(-1, 1), ("0", "1", "2")),
        (np.array(["ü", "x", "10"])[Y], ("10", "x", "ü")),
    ],
)
def test_labels_of_every_dtype_become_classes(y: np.ndarray, names: tuple[str, ...]) -> None:
    table = read_npz(npz(x=X, y=y))
    check_table(table)
    assert table.class_names == names
    for k, value in zip(table.labels, y.ravel().tolist(), strict=True):
        text = value.decode() if isinstance(value, bytes) else str(value)
        assert table.class_names[k] == text.removesuffix(".0")


def test_the_memory_order_of_an_array_does_not_matter() -> None:
    assert read_npz(npz(x=np.asfortranarray(X), y=Y)).x.tolist() == read_npz(npz(x=X, y=Y)).x.tolist()


def test_byte_images_are_divided_by_256_and_others_are_not() -> None:
    pixels, labels = pictures()
    table = read_npz(npz(x=pixels, y=labels))
    check_table(table)
    assert table.image_shape == (4, 3)
    assert table.x.tolist() == (pixels.reshape(24, 12) / 256).tolist()
    for order in (np.ascontiguousarray, np.asfortranarray):
        found = read_npz(npz(x=order(pixels / 256), y=labels))
        assert found.x.tolist() == table.x.tolist()
    for wrong in (pixels.astype(float), pixels.astype(int), pixels / 256 - 1, np.full(pixels.shape, np.nan)):
        with pytest.raises(FieldError, match="must hold images as bytes or as numbers from 0 to 1"):
            read_npz(npz(x=wrong, y=labels))


class FailsOnUnpickling:
    """An object that fails the test if it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("it was unpickled",)


def test_nothing_is_ever_unpickled() -> None:
    objects = np.array([FailsOnUnpickling()] * 30, dtype=object)
    for arrays in ({"x": X, "y": objects}, {"x": objects.reshape(30, 1), "y": Y}):
        with pytest.raises(FieldError, match="Python objects are never read"):
            read_npz(npz(**arrays))


def header(descr: str = "<f8", shape: str = "(30, 4)", fortran: str = "False") -> str:
    return f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"


GOOD = {"x": npy(X), "y": npy(Y)}
ENCRYPTED = bytearray(npz_of(**GOOD))
for at in (6, ENCRYPTED.index(b"PK\x01\x02") + 8):
    ENCRYPTED[at] |= 1


def other_method(method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in GOOD.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "must have content"),
    "no zip": (b"x" * 500, "must be an .npz file"),
    "truncated": (npz(x=X, y=Y)[:-40], "must be an .npz file"),
    "a wrong checksum": (npz(False, x=X, y=Y).replace(X[5].tobytes(), X[6].tobytes()), "Bad CRC-32"),
    "encrypted": (bytes(ENCRYPTED), "must be an .npz file"),
    "packed with bzip2": (other_method(zipfile.ZIP_BZIP2), "another method"),
    "packed with LZMA": (other_method(zipfile.ZIP_LZMA), "another method"),
    "no y": (npz(x=X, labels=Y), "must hold an array y, got 'x, labels'"),
    "no x": (npz(features=X, y=Y), "must hold an array x, got 'features, y'"),
    "one feature, flat": (npz(x=X[:, 0], y=Y), "x as (n, features) or (n, height, width), got (30,)"),
    "coloured images": (npz(x=np.zeros((30, 2, 2, 3)), y=Y), "got (30, 2, 2, 3)"),
    "a number": (npz(x=np.float64(1), y=Y), "got ()"),
    "no rows": (npz(x=X[:0], y=Y[:0]), "must hold values in x"),
    "no features": (npz(x=X[:, :0], y=Y), "must hold values in x"),
    "too few rows": (npz(x=X[:19], y=Y[:19]), "at least 20 examples, got 19"),
    "one class": (npz(x=X, y=Y * 0), "at least 2 classes, got 1 (0)"),
    "one label missing": (npz(x=X, y=Y[:-1]), "one label for each row of x, got (29,)"),
    "one-hot labels": (npz(x=X, y=np.eye(3)[Y]), "one label for each row of x, got (30, 3)"),
    "strings as features": (npz(x=X.astype(str), y=Y), "must hold numbers in x, got <U32"),
    "complex numbers": (npz(x=X.astype(complex), y=Y), "must hold numbers or strings in x"),
    "dates": (npz(x=X, y=Y.astype("M8[s]")), "must hold numbers or strings in y"),
    "records": (npz(x=X, y=Y.astype([("k", int)])), "must hold numbers or strings in y"),
    "fractions": (npz(x=X, y=Y + 0.5), "got fractions"),
    "NaN labels": (npz(x=X, y=np.where(Y > 1, np.nan, Y)), "got fractions"),
    "infinite labels": (npz(x=X, y=np.where(Y > 1, np.inf, Y)), "got numbers too large for a class"),
    "an empty label": (npz(x=X, y=np.array(["a", "b", " "])[Y]), "got an empty one in y[2]"),
    "invalid UTF-8": (npz(x=X, y=np.array([b"a", b"\xff"])[Y % 2]), "UTF-8"),
    "surrogate characters": (npz(x=X, y=np.array(["a", "\ud800"])[Y % 2]), "UTF-8"),
    "NaN": (npz(x=np.where(X > 2, np.nan, X), y=Y), "] = nan"),
    "beyond float32": (npz(x=X * 1e300, y=Y), "] = inf"),
    "too many classes": (npz(x=np.zeros((101, 2)), y=np.arange(101)), "at most 100 different values, got 101 in y"),
    "too many rows": (npz(x=np.zeros((200_001, 1), "u1"), y=np.zeros(200_001, "u1")), "at most 200,000 rows"),
    "too many features": (npz(x=np.zeros((20, 5_001), "u1"), y=Y[:20]), "at most 5,000 features, got 5,001"),
    "too many values": (npz(x=np.zeros((20_000, 2_501), "u1"), y=np.zeros(20_000)), "at most 50,000,000 values"),
    "too many arrays": (npz_of(**GOOD, **{f"a{i}": b"" for i in range(1_000)}), "at most 1,000 arrays"),
    "no header": (npz_of(x=b"\x93NUMPY", y=npy(Y)), "must hold x in NumPy's format"),
    "truncated header": (npz_of(x=npy(X)[:60], y=npy(Y)), "must hold numbers or strings in x"),
    "a header that is code": (npz_of(x=npy_with_header("__import__('os').abort()"), y=npy(Y)), "must hold numbers"),
    "a header too long": (
        npz_of(x=npy_with_header(header() + " " * 20_000), y=npy(Y)),
        "must hold numbers or strings in x",
    ),
    "a size below 0": (
        npz_of(x=npy_with_header(header(shape="(-1, 4)")), y=npy(Y)),
        "must hold numbers or strings in x",
    ),
    "invalid dtype": (npz_of(x=npy_with_header(header("<f3"), X.tobytes()), y=npy(Y)), "must be an .npz file"),
    "a body too short": (npz_of(x=npy(X)[:-1], y=npy(Y)), "must hold 960 bytes in x, got 959"),
    "a body too long": (npz_of(x=npy(X) + b"\0", y=npy(Y)), "must hold 960 bytes in x, got more"),
    "strings of length 0": (
        npz_of(x=npy(X), y=npy_with_header(header("<U0", "(100000000000,)"))),
        "must hold values in y",
    ),
    "too many dimensions": (
        npz_of(x=npy_with_header(header(shape="(" + "1," * 65 + ")"), bytes(8)), y=npy(Y)),
        "must be an .npz file",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_invalid_arrays_are_refused_with_advice(name: str) -> None:
    content, problem = BAD[name]
    with pytest.raises(FieldError) as caught:
        read_npz(content)
    assert problem in refusal_message(caught.value)


BOMBS: dict[str, bytes] = {
    "shape above the limit": npz_of(x=npy_with_header(header(shape="(1000000, 1000000)")), y=npy(Y)),
    "shape at the limit": npz_of(x=npy_with_header(header(shape="(10000, 5000)")), y=npy(Y)),
    "body much longer than its shape": npz_of(x=npy_with_header(header(), bytes(100 << 20)), y=npy(Y)),
    "long strings": npz_of(x=npy(X), y=npy_with_header(header("<U100000", "(30,)"), bytes(12_000_000))),
    "a long header": npz_of(x=b"\x93NUMPY\2\0" + b"\xff" * 4 + bytes(100 << 20), y=npy(Y)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_zip_bomb_is_refused_without_unpacking(name: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(FieldError) as caught:
            read_npz(BOMBS[name])
        assert tracemalloc.get_traced_memory()[1] < 50 << 20
    finally:
        tracemalloc.stop()
    refusal_message(caught.value)


def test_other_arrays_in_the_file_are_not_unpacked() -> None:
    table = read_npz(npz_of(**GOOD, more=npy_with_header(header(), bytes(100 << 20))))
    assert table.x.tolist() == X.astype(np.float32).tolist()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("code_point", [0x110000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_strings_with_invalid_code_points_are_refused(order: str, code_point: int) -> None:
    code_points = np.full((len(Y), 2), ord("a"), f"{order}u4")
    code_points[:, 0] += Y.astype(f"{order}u4")
    code_points[7, 1] = code_point
    with pytest.raises(FieldError, match=rf"valid text in y, got the code point {code_point:#x}"):
        read_npz(npz(x=X, y=code_points.view(f"{order}U2").ravel()))


def test_the_last_character_of_unicode_is_read() -> None:
    names = np.array(["a", "b", chr(0x10FFFF)])
    assert read_npz(npz(x=X, y=names[Y])).class_names == ("a", "b", chr(0x10FFFF))
