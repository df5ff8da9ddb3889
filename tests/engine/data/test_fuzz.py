"""Damaged files: each is read into a valid table or refused, with bounded time and memory.

Every input starts as a valid file, or as a file with invalid parts and correct checksums, so that
the damage passes the first checks.
"""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

from engine import FieldError
from engine.data import Table, read_columns, read_csv, read_idx_pair, read_npz
from tests.conftest import fuzz
from tests.engine.data.own_files import check_table, flowers, idx, npy, npz, npz_of, pictures, refusal_message
from tests.slowing import PATIENCE

ROOT = Path(__file__).parents[3]
PIXELS, LABELS = pictures()
X = np.random.default_rng(1).normal(size=(24, 5)).astype(np.float32)
NAMES = np.array(["a", "bb", "ccc"])[LABELS - 4]

CSVS = [
    flowers(25),
    flowers(25, ";"),
    b"\xef\xbb\xbf" + flowers(25, "\t"),
    b"a,b,label\n" + b"".join(b'%d,"%d.5","x, ""%d"""\r\n' % (i, i, i % 2) for i in range(22)),
]
NPZS = [npz(x=X, y=LABELS), npz(False, x=X, y=NAMES), npz(x=PIXELS, y=NAMES.astype("S")), npz(x=X > 0, y=LABELS * 1.0)]
NPYS = [npy(X), npy(np.asfortranarray(X, ">f8")), npy(LABELS), npy(NAMES), npy(NAMES.astype("S")), npy(PIXELS)]
IMAGE_FILE, LABEL_FILE = idx(PIXELS.shape, PIXELS.tobytes()), idx(LABELS.shape, LABELS.tobytes())

# Byte strings with a meaning in each format, which are inserted into files.
TOKENS = {
    "csv": [
        *(
            b",",
            b";",
            b"\t",
            b"\n",
            b"\r",
            b'"',
            b'""',
            b",,",
            b"\n\n",
            b" ",
            b"nan",
            b"inf",
            b"-",
            b"1e999",
            b"1_0",
            b"NA",
        ),
        *(
            b"\0",
            b"\xff",
            b"\xef\xbb\xbf",
            "ü".encode(),
            "٣".encode(),
            b"=1+1",
            b"label",
            b"'",
            b"9" * 400,
            b"x" * 140_000,
        ),
    ],
    "npz": [
        b"PK\1\2",
        b"PK\3\4",
        b"PK\5\6",
        b"\0\0",
        b"\xff\xff\xff\xff",
        b"x.npy",
        b"y.npy",
        b"../x.npy",
        b"\x08\0",
        b"\1\0",
    ],
    "npy": [
        *(
            b"<f8",
            b">f4",
            b"|O",
            b"<U9",
            b"<U999999",
            b"|S0",
            b"<c16",
            b"<M8[s]",
            b"|V8",
            b"<f3",
            b"|b1",
            b"<i1",
            b"True",
        ),
        *(
            b"False",
            b"()",
            b"(24,)",
            b"(-1,)",
            b"(0, 5)",
            b"(99999999, 5)",
            b"(999999999999, 999999999999)",
            b"(24L, 5)",
        ),
        *(
            b"'shape'",
            b"'descr'",
            b"{",
            b"}",
            b"__import__('os')",
            b"(" * 500,
            b"-" * 500,
            b"\x93NUMPY",
            b"\2\0",
            b"\3\0",
        ),
    ],
    "idx": [
        b"\0\0\x08\3",
        b"\0\0\x08\1",
        b"\0\0\x0d\3",
        b"\0\0\0\0",
        b"\xff\xff\xff\xff",
        b"\0\0\0\x18",
        b"\x1f\x8b\x08",
    ],
}


@st.composite
def damaged_files(draw: st.DrawFn, files: list[bytes], kind: str) -> bytes:
    """One of the files with up to four changes, or random bytes."""
    content = bytearray(draw(st.sampled_from(files)))
    for _ in range(draw(st.integers(0, 4))):
        # half of the changes are near the header
        at = draw(st.integers(0, min(len(content), 160)) | st.integers(0, len(content)))
        end = min(len(content), at + draw(st.integers(0, 40)))
        match draw(st.sampled_from(["flip", "put", "over", "random", "delete", "double", "cut"])):
            case "flip" if at < len(content):
                content[at] ^= 1 << draw(st.integers(0, 7))
            case "put":
                content[at:at] = draw(st.sampled_from(TOKENS[kind]))
            case "over":
                token = draw(st.sampled_from(TOKENS[kind]))
                content[at : at + len(token)] = token
            case "random":
                content[at:end] = draw(st.binary(max_size=20))
            case "delete":
                del content[at:end]
            case "double":
                content[at:at] = content[at:end] * draw(st.integers(1, 50))
            case "cut":
                del content[at:]
    return bytes(content) if draw(st.integers(0, 30)) else draw(st.binary(max_size=300))


def replace_in_header(content: bytes, old: bytes, new: bytes) -> bytes:
    """Replace a word in the header of an .npy file, and pad the header to its length."""
    header_end = content.index(b"\n")
    text = content[10:header_end].rstrip().replace(old, new)
    return content[:10] + text.ljust(header_end - 10)[: header_end - 10] + content[header_end:]


@st.composite
def npy_files(draw: st.DrawFn) -> bytes:
    """An .npy file with a changed word in its header, or damaged anywhere."""
    content = draw(st.sampled_from(NPYS))
    if draw(st.booleans()):
        return draw(damaged_files([content], "npy"))
    words = [
        word
        for word in (b"<f4", b"<U3", b"|S3", b"|u1", b">f8", b"False", b"True", b"(24, 5)", b"(24,)")
        if word in content
    ]
    return replace_in_header(content, draw(st.sampled_from(words)), draw(st.sampled_from(TOKENS["npy"])))


def is_read_or_refused(read: object, *content: bytes) -> bool:
    """Return whether the content is read. Anything but a valid table or a refusal fails the test."""
    try:
        table = read(*content)  # type: ignore[operator]
    except FieldError as error:
        refusal_message(error)
        return False
    if isinstance(table, Table):
        check_table(table)
    return True


@fuzz(
    100,
    1_000,
    content=damaged_files(CSVS, "csv"),
    label=st.sampled_from([None] * 8 + ["species", "label", "", "petal"]),
)
def test_any_csv_is_read_or_refused(content: bytes, label: str | None) -> None:
    is_read_or_refused(read_columns, content)
    is_read_or_refused(lambda given: read_csv(given, label), content)


@fuzz(100, 500, content=damaged_files(NPZS, "npz"))
def test_any_npz_is_read_or_refused(content: bytes) -> None:
    is_read_or_refused(read_npz, content)


@fuzz(100, 700, x=st.sampled_from(NPYS) | npy_files(), y=st.sampled_from(NPYS) | npy_files())
def test_any_arrays_in_a_valid_npz_are_read_or_refused(x: bytes, y: bytes) -> None:
    is_read_or_refused(read_npz, npz_of(x=x, y=y))


@fuzz(
    100,
    500,
    images=st.just(IMAGE_FILE) | damaged_files([IMAGE_FILE, idx((24, 12), PIXELS.tobytes())], "idx"),
    labels=st.just(LABEL_FILE) | damaged_files([LABEL_FILE], "idx"),
    zipped=st.sampled_from(["no", "whole", "damaged"]),
    data=st.data(),
)
def test_any_pair_of_idx_files_is_read_or_refused(
    images: bytes, labels: bytes, zipped: str, data: st.DataObject
) -> None:
    if zipped != "no":
        images = gzip.compress(images, 1)
        if zipped == "damaged":
            images = data.draw(damaged_files([images], "idx"))
    is_read_or_refused(read_idx_pair, images, labels)


@pytest.mark.parametrize(
    ("read", "contents"),
    [
        (read_csv, [(content,) for content in CSVS]),
        (read_npz, [(content,) for content in NPZS]),
        (read_idx_pair, [(IMAGE_FILE, LABEL_FILE)]),
    ],
)
def test_the_files_are_valid_before_they_are_damaged(read: object, contents: list[tuple[bytes, ...]]) -> None:
    assert all(is_read_or_refused(read, *content) for content in contents)


def npz_with_many_entries() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(30_000):
            archive.writestr(str(i), b"")
    return file.getvalue()


def gzip_of_zeros(megabytes: int) -> bytes:
    """A gzip file of zeros; each megabyte is packed separately into the same few bytes."""
    pack = zlib.compressobj(wbits=-15)
    packed = pack.compress(bytes(1 << 20)) + pack.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + bytes(7) + packed * megabytes


def read_within_a_gigabyte() -> None:
    """Read the largest files and zip bombs with at most 1 GiB of additional memory.

    The test below runs this in another process. Running out of memory fails the test.
    """
    import resource

    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d), }\n"

    def array(rows: int, features: int, body: int, descr: str = "|u1") -> bytes:
        text = (header.replace("|u1", descr) % (rows, features)).encode()
        return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text + bytes(body)

    y = npy(np.arange(10_000) % 2)
    inputs: dict[str, tuple[object, tuple[bytes, ...], bool]] = {
        "doubles at the limit": (read_npz, (npz_of(x=array(10_000, 5_000, 400_000_000, "<f8"), y=y),), True),
        "half a gigabyte behind a small header": (read_npz, (npz_of(x=array(10_000, 5, 1 << 29), y=y),), False),
        "a header of a terabyte": (read_npz, (npz_of(x=array(1_000_000, 1_000_000, 0), y=y),), False),
        "thirty thousand arrays": (read_npz, (npz_with_many_entries(),), False),
        "pixels at the limit": (
            read_idx_pair,
            (
                idx((50_000, 40, 25), bytes(50_000_000), zipped=True),
                idx((50_000,), bytes(i % 2 for i in range(50_000))),
            ),
            True,
        ),
        "a gzip of two gigabytes": (read_idx_pair, (gzip_of_zeros(2_048), LABEL_FILE), False),
        "twenty megabytes of cells": (read_csv, (b"a,label\n" + b"1.25," * 3_999_000,), False),
        "a header of twenty megabytes": (read_csv, (b"ab," * 6_600_000 + b"\n1,2\n",), False),
        "empty lines": (read_csv, (b"a,label\n" + b"\n" * 19_000_000,), False),
        "quotes": (read_csv, (b"a,label\n" + b'""' * 9_900_000,), False),
        "characters of four bytes": (read_csv, (b"a,label\n" + "🙂,0\n".encode() * 2_800_000,), False),
        "columns at the limit": (
            read_csv,
            (
                b",".join(b"f%d" % i for i in range(5_001))
                + b"\n"
                + (b"7," * 5_000 + b"1\n" + b"7," * 5_000 + b"0\n") * 990,
            ),
            True,
        ),
    }
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), -1))
    for name, (read, content, is_valid) in inputs.items():
        assert all(len(part) <= 20_000_000 for part in content) or not is_valid, name
        assert is_read_or_refused(read, *content) is is_valid, name
        print(name)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits the memory of a process as Linux does")
def test_the_largest_files_take_less_than_a_gigabyte() -> None:
    script = "from tests.engine.data.test_fuzz import read_within_a_gigabyte; read_within_a_gigabyte()"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=300 * PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 12
