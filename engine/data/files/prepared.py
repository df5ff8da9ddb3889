"""Arrays that many processes share: prepared once a machine as files, and mapped into memory read-only."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy import ndarray as Array

from engine.data.files.folders import prepared_folders, writable
from engine.data.files.locking import clean, locked, partial_path

FORMAT = 1  # raise it when what is stored under the same name changes
WAIT = 60.0  # seconds to let another process prepare the same


def shared(
    name: str,
    sources: Sequence[Path],
    layout: Mapping[str, tuple[str, int]],
    make: Callable[[], Mapping[str, Array]],
) -> dict[str, Array]:
    """The arrays that `make` gives, mapped from files that belong to these sources as they are now.

    The pages of a mapped file are in memory once, however many processes read them. Where the files
    are missing, damaged or of other sources they are made; where no folder can be written, the arrays are this
    process's own. They cannot be written to, either way.

    Args:
        name: of the data set. sources: the files that the arrays come from.
        layout: name of an array: its dtype and its number of dimensions.
        make: reads the sources; what it raises is passed on.
    """
    key = _key(sources)
    folders = [folder / name for folder in prepared_folders()]
    for folder in folders:
        if (arrays := _mapped(folder, key, layout)) is not None:
            return arrays
    made: Mapping[str, Array] | None = None
    for folder in folders:
        with suppress(OSError):  # full, or no place for us after all: the next one
            if not writable(folder):
                continue
            folder.mkdir(parents=True, exist_ok=True)
            with locked(folder, WAIT) as alone:
                if (arrays := _mapped(folder, key, layout)) is not None:  # another process was faster
                    return arrays
                made = make() if made is None else made
                clean(folder, alone)
                _store(folder, key, made)
            if (arrays := _mapped(folder, key, layout)) is not None:
                return arrays
    made = make() if made is None else made
    for array in made.values():
        array.flags.writeable = False
    return dict(made)


def _key(sources: Sequence[Path]) -> str:
    """What the prepared files are known by: another file, size or time of change is another key."""
    digest = hashlib.sha256(str(FORMAT).encode())
    for path in sources:
        whole = path.resolve()
        state = whole.stat()
        digest.update(f"\0{whole}\0{state.st_size}\0{state.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _path(folder: Path, key: str, array: str) -> Path:
    return folder / f"{key}-{array}.npy"


def _mapped(folder: Path, key: str, layout: Mapping[str, tuple[str, int]]) -> dict[str, Array] | None:
    """The prepared arrays, or None where one is missing or is not what it should be."""
    arrays = {}
    for array, (dtype, dimensions) in layout.items():
        path = _path(folder, key, array)
        try:
            mapped = np.load(path, mmap_mode="r", allow_pickle=False)
            whole = isinstance(mapped, np.memmap) and path.stat().st_size == mapped.offset + mapped.nbytes
        except (OSError, ValueError, EOFError):
            return None
        if not whole or mapped.dtype != np.dtype(dtype) or mapped.ndim != dimensions:
            return None
        arrays[array] = mapped.view(np.ndarray)  # a memmap's own slicing is slower, and training slices all the time
    return arrays


def _store(folder: Path, key: str, arrays: Mapping[str, Array]) -> None:
    """Write the arrays, each at once, and remove those of another key. Raises `OSError`."""
    for array, values in arrays.items():
        place = _path(folder, key, array)
        part = partial_path(place)
        try:
            with part.open("xb") as file:
                np.save(file, values, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())  # before its name says that it is whole
            os.replace(part, place)
        finally:
            part.unlink(missing_ok=True)
    for path in folder.glob("*.npy"):
        if not path.name.startswith(f"{key}-"):
            with suppress(OSError):  # Windows keeps it while a process has it mapped
                path.unlink()
