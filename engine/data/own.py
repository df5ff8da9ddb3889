"""People's own data sets, kept in the data folder under a name made from what is in them.

The same examples have the same name on every machine, and a name can mean nothing else: a run
that names its data set so can be repeated wherever the file is, and nowhere by mistake.
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
from engine.data.files.folders import data_folder, writable
from engine.data.readers.from_npz import read_arrays
from engine.data.readers.table import MOST_LETTERS, MOST_ROWS, MOST_VALUES, Table
from engine.errors import FieldError, check_type
from engine.randomness import Stream, generator

PREFIX = "own:"
NAME = re.compile(r"own:([0-9a-f]{16})")
VALIDATION = 0.3  # of the examples: people's own sets are small, and a judge of few is a coarse one
MOST_ABOUT = 10_000_000  # bytes: 5,000 names of 100 letters fit


@dataclass(frozen=True)
class Own:
    """A data set that is kept on this machine.

    Attributes:
        name: what `load_dataset` takes. title: what the person called it who kept it first.
        rows, features, classes: how many there are.
    """

    name: str
    title: str
    rows: int
    features: int
    classes: int


def keep(table: Table, folder: Path | None = None) -> str:
    """Keep a table in the data folder and return the name that `load_dataset` takes.

    What is there already is left as it is, its title included. The file appears whole or not at all.

    Args:
        folder: the data folder; this machine's when left out.

    Raises:
        FieldError: when it cannot be written.
    """
    check_type("table", table, Table)
    name = PREFIX + _digest(table)
    path = _path(name, folder)
    try:
        if path.is_file():
            load_own(name, path)
            return name
    except FieldError:
        pass  # damaged: here is a good one
    about = {
        "title": _title(table.title),
        "rows": len(table),
        "features": table.x.shape[1],
        "class_names": table.class_names,
        "feature_names": table.feature_names,
        "image_shape": table.image_shape,
    }
    if path.parent.parent.is_dir() and not writable(path.parent):
        raise FieldError(
            "file", f"cannot be kept in {path.parent}: it is read-only; set REGSCOPE_DATA to a folder you may write to"
        )
    text = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8)
    beside: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".keeping-", delete=False) as file:
            beside = Path(file.name)
            np.savez(file, allow_pickle=False, x=table.x.astype("<f4"), labels=table.labels.astype("<i8"), about=text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        if beside is not None:
            beside.unlink(missing_ok=True)
        raise FieldError(
            "file", f"cannot be kept in {path.parent} ({error}): make room or set REGSCOPE_DATA to another folder"
        ) from error
    return name


def is_own(name: object) -> bool:
    """Whether a name means one of people's own sets, there or not."""
    return isinstance(name, str) and name.startswith(PREFIX)


def own_path(name: str, folder: Path | None = None) -> Path:
    """The file of one's own data set.

    Raises:
        FieldError: for a name that is none, and for a set that is not on this machine.
    """
    path = _path(name, folder)
    if not path.is_file():
        raise FieldError(
            "dataset",
            f"{name} is not on this machine: give the same file here once more, or copy {path.name} into {path.parent}",
        )
    return path


def load_own(name: str, path: Path) -> Dataset:
    """The data set in a file that `keep` wrote: mixed once, the same for every seed, then split.

    Raises:
        FieldError: for a file that is damaged, or holds other examples than its name says.
    """
    try:
        with path.open("rb") as file:
            limits = {"x": 4 * MOST_VALUES, "labels": 8 * MOST_ROWS, "about": MOST_ABOUT}
            arrays = read_arrays(file, limits)
        about = _about(arrays["about"])
        table = Table(
            x=arrays["x"],
            labels=arrays["labels"],
            class_names=tuple(about["class_names"]),
            feature_names=tuple(about["feature_names"]),
            image_shape=tuple(about["image_shape"]) if about["image_shape"] else None,
            title=str(about["title"]),
        )
        if PREFIX + _digest(table) != name:
            raise ValueError("it holds other examples than its name says")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise FieldError("dataset", f"{name} is damaged in {path} ({error}): give the same file once more") from error
    mixed = generator(0, Stream.SPLIT).permutation(len(table))
    pool = len(table) - round(VALIDATION * len(table))
    training, validation = (Labelled(table.x[rows], table.labels[rows]) for rows in (mixed[:pool], mixed[pool:]))
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


def own_datasets(folder: Path | None = None) -> list[Own]:
    """All that are kept on this machine, by title. A file that cannot be read is passed over."""
    found = []
    for path in _folder(folder).glob("*.npz"):
        name = PREFIX + path.stem
        if not NAME.fullmatch(name):
            continue
        try:
            with path.open("rb") as file:
                about = _about(read_arrays(file, {"about": MOST_ABOUT})["about"])
            sizes = (int(about["rows"]), int(about["features"]), len(about["class_names"]))
            found.append(Own(name, str(about["title"]), *sizes))
        except (OSError, ValueError, TypeError, KeyError):
            continue  # loading it says what is wrong; the others must still be listed
    return sorted(found, key=lambda own: (own.title.casefold(), own.name))


def forget(name: str, folder: Path | None = None) -> None:
    """Delete one's own data set from this machine; a run that has begun has its examples already.

    Raises:
        FieldError: for a name that is none, a set that is not there, or one that cannot be deleted.
    """
    path = own_path(name, folder)
    try:
        path.unlink(missing_ok=True)  # somebody else may have been quicker
    except OSError as error:
        raise FieldError("dataset", f"{name} cannot be deleted ({error}): mend the permissions of {path}") from error


def _path(name: str, folder: Path | None) -> Path:
    match = NAME.fullmatch(name) if isinstance(name, str) else None
    if not match:
        raise FieldError(
            "dataset", f"must be own: and 16 digits from 0 to f, got {name!r:.60}: take the name that keeping it gave"
        )
    return _folder(folder) / f"{match[1]}.npz"


def _folder(folder: Path | None) -> Path:
    return (data_folder() if folder is None else folder) / "own"


def _digest(table: Table) -> str:
    """What a table's name is made of: its examples and what they are called, not its title."""
    names = [table.x.shape, table.class_names, table.feature_names, table.image_shape]
    digest = hashlib.sha256(json.dumps(names).encode())
    digest.update(np.ascontiguousarray(table.x, "<f4").data)
    digest.update(np.ascontiguousarray(table.labels, "<i8").data)
    return digest.hexdigest()[:16]


def _about(text: Array) -> dict[str, Any]:
    found = json.loads(text.tobytes())
    if not isinstance(found, dict):
        raise ValueError("its description is none")
    return found


def _title(title: str) -> str:
    """A title that a file can hold and a page can show: one line, not too long."""
    words = " ".join(str(title).split())[:MOST_LETTERS]
    return words.encode("utf-8", "replace").decode() or "Own data"
