"""People's own data sets, stored in the data folder under a name made from their content.

The same examples have the same name on every machine, and other examples have another name: a run with such a
data set can be repeated on every machine that has the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.data.dataset import Dataset, Labelled
from engine.data.files.folders import data_folder, is_writable
from engine.data.readers.from_npz import read_arrays
from engine.data.readers.table import MAX_NAME_LENGTH, MAX_ROWS, MAX_VALUES, Table
from engine.errors import FieldError, check_type
from engine.randomness import Stream, generator

PREFIX = "own:"
NAME_PATTERN = re.compile(r"own:([0-9a-f]{16})")
VALIDATION_SHARE = 0.3  # of the examples: own data sets are small, and few validation examples give a coarse accuracy
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

    A table that is stored already is left unchanged, with its title. A failed write leaves no file.

    Args:
        table: the examples. folder: the data folder; that of this machine when left out.

    Raises:
        FieldError: when the file cannot be written.
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
    description = {
        "title": _one_line_title(table.title),
        "rows": len(table),
        "features": table.x.shape[1],
        "class_names": table.class_names,
        "feature_names": table.feature_names,
        "image_shape": table.image_shape,
    }
    if path.parent.parent.is_dir() and not is_writable(path.parent):
        raise FieldError(
            "file", f"cannot be stored in {path.parent}: it is read-only; set REGSCOPE_DATA to a writable folder"
        )
    encoded = np.frombuffer(json.dumps(description, ensure_ascii=False).encode(), np.uint8)
    partial_file: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".keeping-", delete=False) as file:
            partial_file = Path(file.name)
            np.savez(
                file, allow_pickle=False, x=table.x.astype("<f4"), labels=table.labels.astype("<i8"), about=encoded
            )
            file.flush()
            os.fsync(file.fileno())
        partial_file.replace(path)
    except OSError as error:
        if partial_file is not None:
            partial_file.unlink(missing_ok=True)
        raise FieldError(
            "file",
            f"cannot be stored in {path.parent} ({error}): free some space or set REGSCOPE_DATA to another folder",
        ) from error
    return name


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
            x=arrays["x"],
            labels=arrays["labels"],
            class_names=tuple(description["class_names"]),
            feature_names=tuple(description["feature_names"]),
            image_shape=tuple(description["image_shape"]) if description["image_shape"] else None,
            title=str(description["title"]),
        )
        if PREFIX + _content_digest(table) != name:
            raise ValueError("its name does not match its examples")
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise FieldError("dataset", f"{name} is damaged in {path} ({error}): add the same file again") from error
    shuffled_rows = generator(0, Stream.SPLIT).permutation(len(table))
    training_size = len(table) - round(VALIDATION_SHARE * len(table))
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


def own_datasets(folder: Path | None = None) -> list[OwnDataset]:
    """Return the own data sets on this machine, by title; files that cannot be read are left out."""
    datasets = []
    for path in _folder(folder).glob("*.npz"):
        name = PREFIX + path.stem
        if not NAME_PATTERN.fullmatch(name):
            continue
        try:
            with path.open("rb") as file:
                description = _parse_description(read_arrays(file, {"about": MAX_DESCRIPTION_BYTES})["about"])
            sizes = (int(description["rows"]), int(description["features"]), len(description["class_names"]))
            datasets.append(OwnDataset(name, _one_line_title(description["title"]), *sizes))
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
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


def _folder(folder: Path | None) -> Path:
    return (data_folder() if folder is None else folder) / "own"


def _content_digest(table: Table) -> str:
    """Return the digits of a table's name, from its examples and their names, without its title."""
    names = [table.x.shape, table.class_names, table.feature_names, table.image_shape]
    digest = hashlib.sha256(json.dumps(names).encode())
    digest.update(np.ascontiguousarray(table.x, "<f4").data)
    digest.update(np.ascontiguousarray(table.labels, "<i8").data)
    return digest.hexdigest()[:16]


def _parse_description(encoded: Array) -> dict[str, Any]:
    description = json.loads(encoded.tobytes())
    if not isinstance(description, dict):
        raise ValueError("its description is not an object")
    return description


def _one_line_title(title: str) -> str:
    """Return a title as one short line of valid UTF-8."""
    text = " ".join(str(title).split())[:MAX_NAME_LENGTH]
    return text.encode("utf-8", "replace").decode() or "Own data"
