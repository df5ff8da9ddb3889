"""Own data sets: stored under a name made from their content, loaded like others, and deleted."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine import Dataset, FieldError, RunConfig, dataset_of, load_dataset, select, train
from engine.data import Table, dataset_title, forget, keep, own_datasets, read_csv, read_idx_pair
from engine.data.files.locking import partial_path
from engine.data.own import load_own_dataset
from tests.engine.data.own_files import FLOWERS, flowers, idx, pictures


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def table(n: int = 50, title: str = "Flowers") -> Table:
    return read_csv(flowers(n), title=title)


def rows_of(dataset: Dataset) -> list[tuple[list[float], int]]:
    return [
        (x, k)
        for part in (dataset.training, dataset.validation)
        for x, k in zip(part.x.tolist(), part.labels.tolist(), strict=True)
    ]


def test_a_stored_set_is_shuffled_once_and_split_70_to_30(folder: Path) -> None:
    original = table()
    name = keep(original)
    assert re.fullmatch(r"own:[0-9a-f]{16}", name)
    assert (folder / "own" / f"{name[4:]}.npz").is_file()
    dataset = load_dataset(name)
    assert (len(dataset.training), len(dataset.validation), dataset.test) == (35, 15, None)
    assert (dataset.name, dataset.title, dataset.standardize) == (name, "Flowers", True)
    assert dataset.class_names == FLOWERS
    assert dataset.feature_names == ("sepal length", "sepal width", "petal")
    assert sorted(rows_of(dataset)) == sorted(zip(original.x.tolist(), original.labels.tolist(), strict=True))
    assert rows_of(dataset) != list(zip(original.x.tolist(), original.labels.tolist(), strict=True))
    assert load_dataset(name) is dataset is dataset_of(RunConfig.demo(dataset=name, seed=7))


def test_a_run_standardizes_by_its_training_examples() -> None:
    config = RunConfig.demo(dataset=keep(table(200)), train_size=100, label_noise=0.0, epochs=3)
    data = select(config, dataset_of(config))
    assert data.x.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-5)
    assert data.x.std(axis=0) == pytest.approx([1, 1, 1], abs=1e-5)
    assert abs(data.evaluation.x.mean(axis=0)).max() > 1e-3
    *_, last = train(config, data)
    assert np.isfinite(last.evaluation.cost)


def test_images_keep_their_shape_and_are_not_standardized() -> None:
    pixels, labels = pictures(40)
    name = keep(read_idx_pair(idx(pixels.shape, pixels.tobytes()), idx(labels.shape, labels.tobytes())))
    config = RunConfig.demo(dataset=name, train_size=20, expand=True)
    dataset = dataset_of(config)
    assert (dataset.image_shape, dataset.standardize, dataset.feature_names) == ((4, 3), False, ())
    assert dataset.class_names == ("4", "5", "6")
    data = select(config, dataset)
    assert data.scaling is None
    assert data.n == 100


def test_the_name_depends_on_the_content_and_not_on_the_title() -> None:
    original = table()
    name = keep(original)
    assert keep(replace(original, title="Other")) == name
    assert [own.title for own in own_datasets()] == ["Flowers"]
    x = original.x.copy()
    x[3, 1] += 1
    others = [
        replace(original, x=x),
        replace(original, labels=(original.labels + 1) % 3),
        replace(original, class_names=("a", "b", "c")),
        replace(original, feature_names=()),
        table(51),
    ]
    assert len({name, *(keep(other) for other in others)}) == 6


def test_the_name_of_known_content_never_changes() -> None:
    # Another name would break all links to own data sets.
    original = Table(
        x=np.arange(40, dtype=np.float32).reshape(20, 2), labels=np.arange(20) % 2, class_names=("no", "yes")
    )
    content = (
        b'[[20, 2], ["no", "yes"], [], null]' + struct.pack("<40f", *range(40)) + struct.pack("<20q", *[0, 1] * 10)
    )
    assert keep(original) == "own:" + hashlib.sha256(content).hexdigest()[:16] == "own:3aef4dff847c1338"


def test_storing_a_set_leaves_one_file(folder: Path) -> None:
    name = keep(table())
    keep(table())
    assert {path.name for path in (folder / "own").iterdir()} == {f"{name[4:]}.npz", ".lock"}


def test_stored_sets_are_listed_by_title_with_their_sizes(folder: Path) -> None:
    assert own_datasets() == []
    names = {title: keep(table(n, title)) for n, title in ((40, "b"), (30, "A"), (50, " c\n\u00a0d "))}
    (folder / "own" / "notes.npz").write_bytes(b"another file")
    (folder / "own" / f"{'0' * 16}.npz").write_bytes(b"damaged")
    found = own_datasets()
    assert [(own.title, own.rows) for own in found] == [("A", 30), ("b", 40), ("c d", 50)]
    assert [own.name for own in found][:2] == [names["A"], names["b"]]
    assert {(own.features, own.classes) for own in found} == {(3, 3)}


def test_a_deleted_set_cannot_be_loaded_even_if_it_was_loaded_before() -> None:
    name = keep(table())
    load_dataset(name)
    forget(name)
    assert own_datasets() == []
    for use in (load_dataset, forget):
        with pytest.raises(FieldError, match=f"{name} is not on this machine"):
            use(name)
    assert keep(table()) == name
    assert load_dataset(name).title == "Flowers"


def test_a_set_that_is_not_on_this_machine_is_refused_with_advice(folder: Path) -> None:
    with pytest.raises(FieldError) as caught:
        dataset_of(RunConfig.demo(dataset="own:0123456789abcdef"))
    assert caught.value.field == "dataset"
    message = str(caught.value)
    assert "own:0123456789abcdef is not on this machine: add the same file on the page" in message
    assert f"copy 0123456789abcdef.npz into {folder / 'own'}" in message


@pytest.mark.parametrize(
    "name",
    [
        "own:",
        "own:../../secret",
        "own:0123456789abcdeF",
        "own:0123456789abcdef\n",
        "own:" + "0" * 17,
        "own:/etc/passwd",
    ],
)
def test_an_invalid_name_is_refused(name: str, folder: Path) -> None:
    (folder / "own").mkdir(parents=True)
    (folder / "secret.npz").write_bytes(b"x")
    for use in (load_dataset, forget):
        with pytest.raises(FieldError, match="dataset must be own: and 16 hexadecimal digits"):
            use(name)
    assert (folder / "secret.npz").exists()


@pytest.mark.parametrize("damage", ["cut", "empty", "another", "no zip"])
def test_a_damaged_file_is_refused_and_repaired_by_storing_it_again(damage: str, folder: Path) -> None:
    name = keep(table())
    path = folder / "own" / f"{name[4:]}.npz"
    content = path.read_bytes()
    if damage == "another":
        content = (folder / "own" / f"{keep(table(40))[4:]}.npz").read_bytes()
    path.write_bytes({"cut": content[:-50], "empty": b"", "another": content, "no zip": b"x" * 100}[damage])
    with pytest.raises(FieldError) as caught:
        load_dataset(name)
    assert str(path) in str(caught.value)
    assert "add the same file again" in str(caught.value)
    keep(table())
    assert load_dataset(name).title == "Flowers"


@pytest.mark.parametrize(
    "description", ['{"title": "x", "rows": Infinity, "features": 1, "class_names": []}', "[" * 100_000, "7", "{}"]
)
def test_a_file_with_a_bad_description_does_not_hide_others(description: str, folder: Path) -> None:
    name = keep(table())
    path = folder / "own" / f"{'0' * 16}.npz"
    np.savez(path, about=np.frombuffer(description.encode(), np.uint8), x=np.zeros((1, 1)), labels=np.zeros(1))
    assert [own.name for own in own_datasets()] == [name]
    with pytest.raises(FieldError, match="is damaged"):
        load_dataset(f"own:{'0' * 16}")


def test_a_title_with_invalid_characters_is_listed_as_valid_text(folder: Path) -> None:
    path = folder / "own" / f"{'0' * 16}.npz"
    path.parent.mkdir(parents=True)
    description = r'{"title": "a\ud800\nb", "rows": 20, "features": 1, "class_names": ["a", "b"]}'
    np.savez(path, about=np.frombuffer(description.encode(), np.uint8))
    assert [own.title for own in own_datasets()] == ["a? b"]


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(FieldError, match=r"file cannot be stored in .*: free some space or set REGSCOPE_DATA"):
        keep(table())


def test_a_full_disk_leaves_no_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FieldError, match="No space left on device"):
        keep(table())
    assert list((folder / "own").iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_a_later_one(folder: Path) -> None:
    name = keep(read_csv(flowers()))
    (own_file,) = folder.rglob("*.npz")
    left_long_ago, being_written = partial_path(own_file), partial_path(own_file)
    for path in (left_long_ago, being_written):
        path.write_bytes(b"a part")
    hours_ago = left_long_ago.stat().st_mtime - 3 * 3600
    os.utime(left_long_ago, (hours_ago, hours_ago))
    assert keep(read_csv(flowers(40))) != name
    assert not left_long_ago.exists()
    assert being_written.exists()


def test_another_folder_can_be_used(tmp_path: Path) -> None:
    name = keep(table(), tmp_path / "other")
    assert own_datasets() == []
    assert [own.name for own in own_datasets(tmp_path / "other")] == [name]
    forget(name, tmp_path / "other")
    assert own_datasets(tmp_path / "other") == []


# room on the disk


def zeros(rows: int = 20_000, first: float = 1.0) -> Table:
    """Many equal numbers, which a compressed file of some kilobytes contains."""
    x = np.zeros((rows, 250), np.float32)
    x[0, 0] = first
    return Table(x, np.arange(rows) % 2, ("a", "b"))


def test_a_small_file_of_many_numbers_stays_small(folder: Path) -> None:
    name = keep(zeros())
    assert (folder / "own" / f"{name[4:]}.npz").stat().st_size < 200_000, "20 MB as plain float32"
    assert load_dataset(name).features == 250


@pytest.mark.parametrize(
    ("values", "itemsize"),
    [
        (np.arange(256), 1),
        (np.arange(256) / 256, 1),
        (np.arange(256) - 128, 2),
        (np.arange(256) * 250, 2),
        (np.arange(256) / 10, 4),
        (-np.zeros(256), 4),
        (np.arange(256) * 1e30, 4),
    ],
    ids=["bytes", "pixels", "negative", "large", "fractions", "minus zero", "huge"],
)
def test_features_come_back_to_the_last_bit_from_the_smallest_type(values, itemsize: int, folder: Path) -> None:
    x = np.asarray(values, np.float32).reshape(64, 4)
    name = keep(Table(x, np.arange(64) % 2, ("a", "b")))
    with np.load(folder / "own" / f"{name[4:]}.npz") as stored:
        assert stored["x"].itemsize == itemsize
    dataset = load_dataset(name)
    loaded = np.concatenate([dataset.training.x, dataset.validation.x])
    assert loaded.dtype == np.float32
    assert sorted(map(bytes, loaded)) == sorted(map(bytes, x))


def test_a_file_of_an_older_version_is_read(folder: Path) -> None:
    """Written as 0.1.0 did: not compressed, float32, and a description without a divisor."""
    given = table()
    name = keep(given)
    path = folder / "own" / f"{name[4:]}.npz"
    with np.load(path) as stored:
        about = bytes(stored["about"]).decode().replace('"divisor": 1, ', "")
    assert "divisor" not in about
    encoded = np.frombuffer(about.encode(), np.uint8)
    np.savez(path, x=given.x.astype("<f4"), labels=given.labels.astype("<i8"), about=encoded)
    dataset = load_own_dataset(name, path)
    assert sorted(rows_of(dataset)) == sorted(zip(given.x.tolist(), given.labels.tolist(), strict=True))
    assert [own.name for own in own_datasets()] == [name]


def test_sets_beyond_the_quota_are_refused_until_one_is_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = keep(table(40))
    size = next((folder / "own").glob("*.npz")).stat().st_size
    monkeypatch.setenv("REGSCOPE_QUOTA", str(1.5 * size / 1e6))
    with pytest.raises(FieldError, match=r"file needs .* KB, but your data sets on this machine have .* already"):
        keep(table(41))
    assert [own.name for own in own_datasets()] == [first]
    assert {path.name for path in (folder / "own").iterdir()} == {f"{first[4:]}.npz", ".lock"}
    assert keep(table(40)) == first, "it is stored already"
    forget(first)
    keep(table(41))
    monkeypatch.setenv("REGSCOPE_QUOTA", "many")
    with pytest.raises(FieldError, match="REGSCOPE_QUOTA must be a number of megabytes"):
        keep(table(42))


def test_nothing_is_stored_on_a_nearly_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "shutil.disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 10**12 - 9 * 10**8, 9 * 10**8)
    )
    with pytest.raises(FieldError, match=r"900 MB are free on the disk of .*own, and 1\.0 GB must stay free: "):
        keep(table())
    assert not folder.exists()


def test_texts_about_runs_have_the_title_of_a_set_also_after_its_removal(folder: Path) -> None:
    name = keep(table(title="Flowers, dried"))
    assert [dataset_title(name, short) for short in (False, True)] == ["Flowers, dried"] * 2
    assert [dataset_title("digits", short) for short in (False, True)] == ["Digits, 8 × 8", "digits"]
    assert [dataset_title("x" * 50, short) for short in (False, True)] == ["x" * 50, "x" * 39 + "…"]
    forget(name)
    assert [dataset_title(name, short) for short in (False, True)] == ["Own data", "own data"]
