"""Pairs of IDX files, as in MNIST."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import numpy as np
import pytest

from engine import FieldError, data_folder
from engine.data import Dataset, read_idx_pair
from tests.engine.data.own_files import check_table, idx, pictures, refusal_message

PIXELS, LABELS = pictures()
IMAGE_FILE = idx(PIXELS.shape, PIXELS.tobytes())
LABEL_FILE = idx(LABELS.shape, LABELS.tobytes())


@pytest.mark.parametrize("zipped", [(False, False), (True, False), (True, True)])
def test_a_pair_is_read_compressed_or_not(zipped: tuple[bool, bool]) -> None:
    images = idx(PIXELS.shape, PIXELS.tobytes(), zipped[0])
    table = read_idx_pair(images, idx(LABELS.shape, LABELS.tobytes(), zipped[1]), title="Mine")
    check_table(table)
    assert table.image_shape == (4, 3)
    assert table.x.tolist() == (PIXELS.reshape(24, 12) / 256).tolist()
    assert table.class_names == ("4", "5", "6")
    assert (table.labels + 4).tolist() == LABELS.tolist()


def test_two_dimensional_arrays_are_features_without_an_image_shape() -> None:
    table = read_idx_pair(idx((24, 12), PIXELS.tobytes()), LABEL_FILE)
    assert table.image_shape is None
    assert table.x.tolist() == (PIXELS.reshape(24, 12) / 256).tolist()


BAD: dict[str, tuple[bytes, bytes, str]] = {
    "nothing": (b"", LABEL_FILE, "images must have content"),
    "no labels": (IMAGE_FILE, b"", "labels must have content"),
    "files exchanged": (
        LABEL_FILE,
        IMAGE_FILE,
        "images must be (n, height, width), got (24,): exchange the two files",
    ),
    "labels twice": (LABEL_FILE, LABEL_FILE, "images must be (n, height, width), got (24,): choose the file of images"),
    "images twice": (IMAGE_FILE, IMAGE_FILE, "labels must be as many as the images, 24, got (24, 4, 3)"),
    "one label missing": (IMAGE_FILE, idx((23,), bytes(23)), "labels must be as many as the images, 24, got (23,)"),
    "one class": (IMAGE_FILE, idx((24,), bytes(24)), "at least 2 classes, got 1 (0)"),
    "too few": (idx((2, 4, 3), bytes(24)), idx((2,), bytes([0, 1])), "at least 20 examples, got 2"),
    "too many classes": (
        idx((200, 1, 2), bytes(400)),
        idx((200,), bytes(range(200))),
        "labels must have at most 100 different values, got 200",
    ),
    "floats": (b"\0\0\x0d" + IMAGE_FILE[3:], LABEL_FILE, "images is not an IDX file of unsigned bytes"),
    "CSV": (b"a,b\n1,2\n", LABEL_FILE, "images is not an IDX file of unsigned bytes"),
    "truncated": (IMAGE_FILE[:-1], LABEL_FILE, "images must have 288 bytes after its header, got 287"),
    "one byte too long": (IMAGE_FILE + b"\0", LABEL_FILE, "images must have 288 bytes after its header, got more"),
    "too many features": (idx((24, 100, 51), bytes(24 * 5_100)), LABEL_FILE, "images must have at most 5,000 features"),
    "too many rows": (idx((200_001, 1, 1), bytes(200_001)), idx((200_001,), bytes(200_001)), "at most 200,000 rows"),
    "size above the limit": (
        idx((50_000, 1_001), b""),
        LABEL_FILE,
        "has 50050000 bytes by its header, more than 50000000",
    ),
    "truncated gzip": (gzip.compress(IMAGE_FILE)[:-30], LABEL_FILE, "images must be a whole gzip file"),
    "gzip without its checksum": (gzip.compress(IMAGE_FILE)[:-8], LABEL_FILE, "images must be a whole gzip file"),
    "a damaged gzip": (
        gzip.compress(IMAGE_FILE)[:-8] + bytes(8),
        LABEL_FILE,
        "images must be gzip or plain, got damaged gzip",
    ),
    "two gzips": (gzip.compress(IMAGE_FILE) * 2, LABEL_FILE, "images must be a single gzip file"),
    "too large": (IMAGE_FILE + bytes(20_000_000), LABEL_FILE, "images must be at most 20.00"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_invalid_pair_is_refused_with_the_file_and_advice(name: str) -> None:
    images, labels, problem = BAD[name]
    with pytest.raises(FieldError) as caught:
        read_idx_pair(images, labels)
    assert problem in refusal_message(caught.value)


def test_a_gzip_bomb_is_unpacked_only_up_to_the_limit() -> None:
    pack = zlib.compressobj(9, wbits=31)
    bomb = idx((24, 4, 3), b"")
    bomb = pack.compress(bomb) + b"".join(pack.compress(bytes(1 << 20)) for _ in range(200)) + pack.flush()
    assert len(bomb) < 2_000_000
    tracemalloc.start()
    try:
        with pytest.raises(FieldError, match="images must unpack to at most 50 MB, got more"):
            read_idx_pair(bomb, LABEL_FILE)
        assert tracemalloc.get_traced_memory()[1] < 200 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.mnist
def test_the_files_of_mnist_are_read_as_a_pair(mnist: Dataset) -> None:
    folder = data_folder() / "mnist"
    assert mnist.test is not None
    files = [
        next(path for path in (folder / name, folder / f"{name}.gz") if path.is_file()).read_bytes()
        for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
    ]
    table = read_idx_pair(*files)
    assert table.x.tobytes() == mnist.test.x.tobytes()
    assert table.labels.tolist() == mnist.test.labels.tolist()
    assert table.class_names == tuple("0123456789")
    assert np.array_equal(table.image_shape, (28, 28))
