"""IDX files: valid files are read, and damaged files are refused with their path."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import FieldError
from engine.data.readers.idx import read_idx

SHAPES = st.lists(st.integers(1, 5), min_size=1, max_size=4)


def idx(shape: list[int], body: bytes, magic: bytes = b"\0\0\x08") -> bytes:
    """An IDX file: magic number, number of dimensions, big-endian sizes, bytes."""
    return magic + bytes([len(shape)]) + b"".join(struct.pack(">I", size) for size in shape) + body


def write_file(folder: Path, content: bytes, zipped: bool = False) -> Path:
    path = folder / ("images.gz" if zipped else "images")
    path.write_bytes(gzip.compress(content) if zipped else content)
    return path


@pytest.mark.parametrize("zipped", [False, True])
@given(shape=SHAPES, data=st.data())
def test_any_array_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, zipped: bool, shape: list[int], data: st.DataObject
) -> None:
    size = int(np.prod(shape))
    body = data.draw(st.binary(min_size=size, max_size=size))
    array = read_idx(write_file(tmp_path_factory.mktemp("idx"), idx(shape, body), zipped))
    assert array.shape == tuple(shape)
    assert array.dtype == np.uint8
    assert array.tobytes() == body


def test_a_file_longer_than_a_block_is_read_completely(tmp_path: Path) -> None:
    body = np.random.default_rng(0).bytes(2_500_001)
    assert read_idx(write_file(tmp_path, idx([2_500_001], body))).tobytes() == body


GOOD = idx([3, 2, 2], bytes(range(12)))
DAMAGED = {
    "empty": b"",
    "one byte": b"\0",
    "within the magic": GOOD[:3],
    "within the sizes": GOOD[:9],
    "no body": GOOD[:16],
    "a byte short": GOOD[:-1],
    "a byte too long": GOOD + b"\0",
    "floats": idx([3], bytes(12), magic=b"\0\0\x0d"),
    "no zeros before the type": idx([3], bytes(3), magic=b"\1\0\x08"),
    "no dimensions": b"\0\0\x08\0",
    "five dimensions": idx([1] * 5, b"\0"),
    "no images": idx([0, 28, 28], b""),
    "a page of HTML": b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
    "impossible size": idx([0xFFFFFFFF] * 4, b"\0"),
    "10⁹ bytes": idx([1_000_000_000], b"\0"),
}


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_refused_without_reserving_memory(tmp_path: Path, damage: str, zipped: bool) -> None:
    path = write_file(tmp_path, DAMAGED[damage], zipped)
    tracemalloc.start()
    try:
        with pytest.raises(FieldError) as caught:
            read_idx(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.field == str(path)
    assert str(path) in str(caught.value)
    assert "download it again" in str(caught.value)
    assert peak < 8 << 20


@pytest.mark.parametrize("cut", [1, 5, 12, 20])
def test_a_truncated_gzip_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(GOOD)[:-cut])
    with pytest.raises(FieldError, match=r"images\.gz"):
        read_idx(path)


def test_a_gzip_with_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    content = gzip.compress(idx([4000], np.random.default_rng(0).bytes(4000)))
    path = tmp_path / "images.gz"
    for at in (2, 12, 500, len(content) - 6, len(content) - 2):
        damaged = bytearray(content)
        damaged[at] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(FieldError, match=r"images\.gz"):
            read_idx(path)


def test_a_gzip_with_more_than_its_header_allows_is_not_unpacked(tmp_path: Path) -> None:
    path = write_file(tmp_path, idx([10], bytes(50 << 20)), zipped=True)
    tracemalloc.start()
    try:
        with pytest.raises(FieldError, match="must have 10 bytes after its header, got more"):
            read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    for path in (tmp_path / "images", tmp_path):  # a missing file and a folder
        with pytest.raises(FieldError) as caught:
            read_idx(path)
        assert caught.value.field == str(path)


def test_a_file_exactly_at_the_limit_is_read(tmp_path: Path) -> None:
    path = write_file(tmp_path, GOOD)
    assert read_idx(path, max_bytes=12).size == 12
    with pytest.raises(FieldError, match="12 bytes by its header, more than 11"):
        read_idx(path, max_bytes=11)
