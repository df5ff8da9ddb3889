"""People's own data sets, stored in the data folder under a name made from their content.

The same examples have the same name on every machine, and other examples have another name: a run with such a
data set can be repeated on every machine that has the file.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy import ndarray as Array

from engine.data.dataset import Dataset, Labelled
from engine.data.files.disk import disk_problem
from engine.data.files.folders import data_folder, is_writable
from engine.data.files.locking import folder_lock, partial_path, remove_partial_files
from engine.data.readers.from_npz import read_arrays
from engine.data.readers.table import MAX_NAME_LENGTH, MAX_ROWS, MAX_VALUES, Table
from engine.data.scaling import row_slices
from engine.errors import FieldError, check_type, format_bytes
from engine.randomness import Stream, generator

PREFIX = "own:"
NAME_PATTERN = re.compile(r"own:([0-9a-f]{16})")
VALIDATION_SHARE = 0.3  # of the examples: own data sets are small, and few validation examples give a coarse accuracy
DAMAGE_ERRORS = (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError)  # of a damaged file
DEFAULT_QUOTA = 2_000_000_000  # bytes of all own data sets together: ten of the largest size, uncompressed
LOCK_WAIT = 60.0  # seconds to wait while another process adds a file
MAX_DESCRIPTION_BYTES = 10_000_000  # enough for 5,000 names of 100 characters


@dataclass(frozen=True)
class OwnDataset:
    """A person's own data set on this machine.

    Attributes:
        name: its name for `load_dataset`. title: title given by the user who added it first.
        rows, features, classes: their counts.
    """

    name: str
    title: str
    rows: int
    features: int
    classes: int


def keep(table: Table, folder: Path | None = None) -> str:
    """Store a table in the data folder and return its name for `load_dataset`.

    A table that is stored already is left unchanged, with its title. A failed write leaves no file. The file is
    compressed, and features have the smallest type that holds them exactly.

    Args:
        table: the examples. folder: the data folder; that of this machine when left out.

    Raises:
        FieldError: when the file cannot be written, the stored sets have `quota()` bytes together, or the disk is
            nearly full.
    """
    check_type("table", table, Table)
    name = PREFIX + _content_digest(table)
    path = _path(name, folder)
    try:
        if path.is_file():
            load_own_dataset(name, path)
            return name
    except FieldError:
        pass  # damaged: it is replaced
    x, divisor = _compact(table.x)
    description = {
        "divisor": divisor,
        "title": _one_line_title(table.title),
        "rows": len(table),
        "features": table.x.shape[1],
        "class_names": table.class_names,
        "feature_names": table.feature_names,
        "image_shape": table.image_shape,
    }
    if problem := disk_problem(path.parent):
        raise FieldError("file", f"cannot be stored: {problem} or set REGSCOPE_DATA to a folder on another disk")
    if path.parent.parent.is_dir() and not is_writable(path.parent):
        raise FieldError(
            "file", f"cannot be stored in {path.parent}: it is read-only; set REGSCOPE_DATA to a writable folder"
        )
    encoded = np.frombuffer(json.dumps(description, ensure_ascii=False).encode(), np.uint8)
    partial_file = partial_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_partial_files(path.parent, has_lock=False)  # those of processes that were killed long ago
        with partial_file.open("xb") as file:
            _write_arrays(file, x=x, labels=table.labels.astype("<i8"), about=encoded)
            file.flush()
            os.fsync(file.fileno())
        with folder_lock(path.parent, LOCK_WAIT):  # two files at once must not exceed the quota together
            _check_room(partial_file, path)
            partial_file.replace(path)
    except (OSError, FieldError) as error:
        with suppress(OSError):
            partial_file.unlink(missing_ok=True)
        if isinstance(error, FieldError):
            raise
        raise FieldError(
            "file",
            f"cannot be stored in {path.parent} ({error}): free some space or set REGSCOPE_DATA to another folder",
        ) from error
    return name


def quota() -> int:
    """Return the bytes that all own data sets together may have: $REGSCOPE_QUOTA in megabytes, or the default.

    Raises:
        FieldError: for another value than a number of at least 0.
    """
    text = os.environ.get("REGSCOPE_QUOTA", "").strip()
    if not text:
        return DEFAULT_QUOTA
    try:
        megabytes = float(text)
    except ValueError:
        megabytes = -1.0
    if not 0 <= megabytes < math.inf:
        raise FieldError("REGSCOPE_QUOTA", f"must be a number of megabytes, at least 0, got {text!r:.40}: use 2000")
    return round(megabytes * 1e6)


def stored_bytes(folder: Path | None = None) -> int:
    """Return the bytes of all own data sets on this machine."""
    total = 0
    for path in _folder(folder).glob("*.npz"):
        with suppress(OSError):  # another process has deleted it
            total += path.stat().st_size
    return total


def is_own_dataset(name: object) -> bool:
    """Whether a name is that of a person's own data set; it need not be on this machine."""
    return isinstance(name, str) and name.startswith(PREFIX)


def own_path(name: str, folder: Path | None = None) -> Path:
    """Return the file of a person's own data set.

    Raises:
        FieldError: for an invalid name, and for a data set that is not on this machine.
    """
    path = _path(name, folder)
    if not path.is_file():
        raise FieldError(
            "dataset",
            f"{name} is not on this machine: add the same file on the page, or copy {path.name} into {path.parent}",
        )
    return path


def load_own_dataset(name: str, path: Path) -> Dataset:
    """Return the data set in a file that `keep` wrote: shuffled, the same way for every seed, then split.

    Raises:
        FieldError: for a damaged file, or if the name does not match the examples.
    """
    try:
        with path.open("rb") as file:
            limits = {"x": 4 * MAX_VALUES, "labels": 8 * MAX_ROWS, "about": MAX_DESCRIPTION_BYTES}
            arrays = read_arrays(file, limits)
        description = _parse_description(arrays["about"])
        table = Table(
            x=_expand(arrays["x"], int(description.get("divisor", 1))),  # files of 0.1.0 contain float32
            labels=arrays["labels"],
            class_names=tuple(description["class_names"]),
            feature_names=tuple(description["feature_names"]),
            image_shape=tuple(description["image_shape"]) if description["image_shape"] else None,
            title=str(description["title"]),
        )
        if PREFIX + _content_digest(table) != name:
            raise ValueError("its name does not match its examples")
    except DAMAGE_ERRORS as error:
        raise _damaged(name, path, error) from error
    shuffled_rows = generator(0, Stream.SPLIT).permutation(len(table))
    training_size, _ = split_sizes(len(table))
    training, validation = (
        Labelled(table.x[rows], table.labels[rows])
        for rows in (shuffled_rows[:training_size], shuffled_rows[training_size:])
    )
    return Dataset(
        name=name,
        title=table.title,
        training=training,
        validation=validation,
        test=None,
        classes=len(table.class_names),
        image_shape=table.image_shape,
        standardize=table.image_shape is None,
        class_names=table.class_names,
        feature_names=table.feature_names,
    )


def split_sizes(rows: int) -> tuple[int, int]:
    """Return the numbers of training and validation examples of a data set, from its number of rows."""
    validation = round(VALIDATION_SHARE * rows)
    return rows - validation, validation


def own_shape(name: str, folder: Path | None = None) -> tuple[int, int, int, bool]:
    """Return the numbers of rows, features and classes of an own data set, and whether its examples are images.

    Only the description of the file is read.

    Raises:
        FieldError: for an invalid name, and for a data set that is missing or damaged.
    """
    path = own_path(name, folder)
    try:
        description = _read_description(path)
        rows, features, classes = _sizes(description)
        return rows, features, classes, bool(description["image_shape"])
    except DAMAGE_ERRORS as error:
        raise _damaged(name, path, error) from error


def own_title(name: str, folder: Path | None = None) -> str:
    """Return the title of an own data set. Only the description of the file is read.

    Raises:
        FieldError: for an invalid name, and for a data set that is missing or damaged.
    """
    path = own_path(name, folder)
    try:
        status = path.stat()
        return _read_title(path, status.st_mtime_ns, status.st_size)
    except DAMAGE_ERRORS as error:
        raise _damaged(name, path, error) from error


@lru_cache(maxsize=256)
def _read_title(path: Path, modified: int, size: int) -> str:
    """Return the title in a file. A file that was modified, or has another size, is read again."""
    return _one_line_title(_read_description(path)["title"])


def own_datasets(folder: Path | None = None) -> list[OwnDataset]:
    """Return the own data sets on this machine, by title; files that cannot be read are left out."""
    datasets = []
    for path in _folder(folder).glob("*.npz"):
        name = PREFIX + path.stem
        if not NAME_PATTERN.fullmatch(name):
            continue
        try:
            description = _read_description(path)
            datasets.append(OwnDataset(name, _one_line_title(description["title"]), *_sizes(description)))
        except DAMAGE_ERRORS:
            continue  # `load_own_dataset` reports the error; the others must still be listed
    return sorted(datasets, key=lambda own: (own.title.casefold(), own.name))


def forget(name: str, folder: Path | None = None) -> None:
    """Delete a person's own data set from this machine; runs that train on it already are not affected.

    Raises:
        FieldError: for an invalid name, and for a data set that is missing or cannot be deleted.
    """
    path = own_path(name, folder)
    try:
        path.unlink(missing_ok=True)  # another process may have deleted it
    except OSError as error:
        raise FieldError("dataset", f"{name} cannot be deleted ({error}): change the permissions of {path}") from error


def _path(name: str, folder: Path | None) -> Path:
    match = NAME_PATTERN.fullmatch(name) if isinstance(name, str) else None
    if not match:
        raise FieldError(
            "dataset", f"must be own: and 16 hexadecimal digits, got {name!r:.60}: use a name of `regscope data list`"
        )
    return _folder(folder) / f"{match[1]}.npz"


def _check_room(new_file: Path, path: Path) -> None:
    """Check that a new file fits into the quota beside the other sets. It replaces the file at `path`, if any."""
    size = new_file.stat().st_size
    replaced = path.stat().st_size if path.is_file() else 0
    used, limit = stored_bytes(path.parent.parent) - replaced, quota()
    if used + size > limit:
        raise FieldError(
            "file",
            f"needs {format_bytes(size)}, but your data sets on this machine have {format_bytes(used)} already, and "
            f"may have {format_bytes(limit)} together: remove some under Data, More, or set REGSCOPE_QUOTA to a larger "
            "number of megabytes",
        )


def _compact(x: Array) -> tuple[Array, int]:
    """Return features in the smallest type that holds them exactly, and the number to divide them by.

    Whole numbers become integers, and pixels (bytes divided by 256) bytes again; all others stay float32.
    """
    for dtype, divisor in (("u1", 1), ("u1", 256), ("<i2", 1), ("<u2", 1)):
        compact = np.empty(x.shape, dtype)
        if all(_convert_exactly(x[rows], compact[rows], divisor) for rows in row_slices(x)):
            return compact, divisor
    return x.astype("<f4", copy=False), 1


def _convert_exactly(x: Array, compact: Array, divisor: int) -> bool:
    """Write x times `divisor` into `compact`; return whether every value comes back to the last bit."""
    with np.errstate(invalid="ignore", over="ignore"):
        compact[...] = x * np.float32(divisor)
    return bool(np.array_equal(_expand(compact, divisor).view(np.uint32), np.ascontiguousarray(x).view(np.uint32)))


def _expand(compact: Array, divisor: int) -> Array:
    """Return stored features as float32."""
    x = compact.astype(np.float32, copy=False)
    if divisor != 1:
        x /= np.float32(divisor)
    return x


def _write_arrays(file: IO[bytes], **arrays: Array) -> None:
    """Write an .npz file as `numpy.savez_compressed`, but at the fastest level, which saves nearly as much."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _folder(folder: Path | None) -> Path:
    return (data_folder() if folder is None else folder) / "own"


def _content_digest(table: Table) -> str:
    """Return the digits of a table's name, from its examples and their names, without its title."""
    names = [table.x.shape, table.class_names, table.feature_names, table.image_shape]
    digest = hashlib.sha256(json.dumps(names).encode())
    digest.update(np.ascontiguousarray(table.x, "<f4").data)
    digest.update(np.ascontiguousarray(table.labels, "<i8").data)
    return digest.hexdigest()[:16]


def _read_description(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return _parse_description(read_arrays(file, {"about": MAX_DESCRIPTION_BYTES})["about"])


def _sizes(description: dict[str, Any]) -> tuple[int, int, int]:
    """Return the numbers of rows, features and classes."""
    return int(description["rows"]), int(description["features"]), len(description["class_names"])


def _damaged(name: str, path: Path, error: Exception) -> FieldError:
    return FieldError("dataset", f"{name} is damaged in {path} ({error}): add the same file again")


def _parse_description(encoded: Array) -> dict[str, Any]:
    description = json.loads(encoded.tobytes())
    if not isinstance(description, dict):
        raise ValueError("its description is not an object")
    return description


def _one_line_title(title: str) -> str:
    """Return a title as one short line of valid UTF-8."""
    text = " ".join(str(title).split())[:MAX_NAME_LENGTH]
    return text.encode("utf-8", "replace").decode() or "Own data"
