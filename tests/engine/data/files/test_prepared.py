"""Prepared arrays: memory-mapped, read-only, up to date with their source files and never partially written."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.dataset import Dataset
from engine.data.download.sources import FILE_NAMES
from engine.data.mnist_family import ARRAY_LAYOUT, load
from engine.data.readers.idx import read_idx
from tests.engine.data.family import contents, small_source

SOURCE = small_source([])


def write(folder: Path, seed: int = 0) -> None:
    (folder / "mnist").mkdir(parents=True, exist_ok=True)
    for name, body in contents(seed).items():
        (folder / "mnist" / name).write_bytes(body)


def pixels(seed: int = 0) -> np.ndarray:
    return np.frombuffer(contents(seed)[FILE_NAMES[0]][16:], np.uint8).reshape(60, 784)[:40]


def is_mapped(dataset: Dataset) -> bool:
    """Whether the training images are in a memory-mapped file."""
    base: Any = dataset.training.x
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    return isinstance(base, np.memmap)


@pytest.fixture
def folder(tmp_path: Path, small_family: None) -> Path:
    write(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def cache(folder: Path) -> Path:
    return Path(os.environ["REGSCOPE_CACHE"]) / "prepared" / "mnist"


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The source files that have been read."""
    read: list[Path] = []

    def recorded_read(path: Path) -> np.ndarray:
        read.append(path)
        return read_idx(path)

    monkeypatch.setattr("engine.data.mnist_family.read_idx", recorded_read)
    return read


def test_the_first_load_prepares_arrays_and_the_second_maps_them(
    folder: Path, cache: Path, read_files: list[Path]
) -> None:
    first = load(SOURCE, folder)
    assert len(read_files) == 4
    second = load(SOURCE, folder)
    assert len(read_files) == 4
    for dataset in (first, second):
        assert is_mapped(dataset)
        assert (dataset.training.x == pixels() / 256).all()
        assert dataset.training.labels.tolist() == [i % 10 for i in range(40)]
    assert {path.name.split("-", 1)[1] for path in cache.glob("*.npy")} == {f"{array}.npy" for array in ARRAY_LAYOUT}


def test_shared_arrays_are_read_only(folder: Path) -> None:
    dataset = load(SOURCE, folder)
    assert dataset.test is not None
    for part in (dataset.training, dataset.validation, dataset.test):
        for array in (part.x, part.labels):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


def test_changed_source_files_of_the_same_size_are_prepared_again(folder: Path, cache: Path) -> None:
    load(SOURCE, folder)
    before = {path.name for path in cache.glob("*.npy")}
    write(folder, seed=1)
    for name in FILE_NAMES:  # independent of the resolution of the clock
        os.utime(folder / "mnist" / name, ns=(1, 1))
    assert (load(SOURCE, folder).training.x == pixels(1) / 256).all()
    after = {path.name for path in cache.glob("*.npy")}
    assert len(after) == 4
    assert not after & before, "outdated arrays are removed"


def damage(path: Path, kind: str) -> None:
    body = path.read_bytes()
    path.unlink()  # overwriting it would change arrays that are mapped
    if kind == "missing":
        return
    if kind == "shape":
        np.save(path, np.zeros((60, 784, 1), np.float32))
    elif kind == "dtype":
        np.save(path, np.zeros((60, 784), np.float64))
    elif kind == "pickled":
        path.write_bytes(pickle.dumps({"a": 1}))
    elif kind == "objects":
        np.save(path, np.array([{}] * 3), allow_pickle=True)
    else:
        bodies = {"short": body[:-1], "long": body + b"\0", "header": body[:40], "empty": b"", "text": b"hello" * 99}
        path.write_bytes(bodies[kind])


@pytest.mark.parametrize(
    "kind", ["missing", "short", "long", "header", "empty", "text", "shape", "dtype", "pickled", "objects"]
)
def test_a_damaged_prepared_file_is_prepared_again(
    folder: Path, cache: Path, kind: str, read_files: list[Path]
) -> None:
    load(SOURCE, folder)
    (path,) = cache.glob("*-training-x.npy")
    good = path.read_bytes()
    damage(path, kind)
    dataset = load(SOURCE, folder)
    assert len(read_files) == 8
    assert is_mapped(dataset)
    assert (dataset.training.x == pixels() / 256).all()
    assert path.read_bytes() == good


def test_prepared_files_are_stored_in_the_data_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REGSCOPE_CACHE")
    monkeypatch.setenv("REGSCOPE_DATA", str(folder))
    assert is_mapped(load(SOURCE, folder))
    assert len(list((folder / "prepared" / "mnist").glob("*.npy"))) == 4


def test_with_a_read_only_data_folder_the_cache_of_the_user_is_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REGSCOPE_CACHE")
    monkeypatch.setenv("REGSCOPE_DATA", str(folder))
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    folder.chmod(0o555)
    try:
        assert is_mapped(load(SOURCE, folder))
    finally:
        folder.chmod(0o755)
    assert {path.name for path in folder.iterdir()} == {"mnist"}
    assert len(list((tmp_path / "user" / "regscope" / "prepared" / "mnist").glob("*.npy"))) == 4


@pytest.mark.parametrize("trouble", ["file in the way", "full disk"])
def test_if_nothing_can_be_prepared_the_arrays_are_in_memory(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    if trouble == "file in the way":
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("REGSCOPE_CACHE", str(tmp_path / "file"))
    else:
        monkeypatch.setenv("REGSCOPE_CACHE", str(tmp_path / "cache"))

        def full(*arguments: Any, **more: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(np, "save", full)
    dataset = load(SOURCE, folder)
    assert not is_mapped(dataset)
    assert (dataset.training.x == pixels() / 256).all()
    with pytest.raises(ValueError, match="read-only"):
        dataset.training.x[0] = 0
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.name != ".lock"]


def test_partial_files_of_an_interrupted_process_are_removed(folder: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / ".0-training-x.npy.1-aa.part").write_bytes(b"half")
    load(SOURCE, folder)
    assert not list(cache.glob(".*.part"))


def test_arrays_prepared_by_another_process_are_used(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, read_files: list[Path]
) -> None:
    load(SOURCE, folder)
    prepared_by_other = cache.rename(cache.with_name("other process"))

    @contextmanager
    def after_waiting(place: Path, seconds: float) -> Iterator[bool]:
        place.rmdir()
        prepared_by_other.rename(place)
        yield True

    monkeypatch.setattr("engine.data.files.prepared.folder_lock", after_waiting)
    assert is_mapped(load(SOURCE, folder))
    assert len(read_files) == 4, "no file is read again"
