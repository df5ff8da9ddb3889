"""Arrays that processes share: written to files once per machine, and mapped into memory read-only."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy import ndarray as Array

from engine.data.files.folders import is_writable, prepared_folders
from engine.data.files.locking import folder_lock, partial_path, remove_partial_files

FORMAT = 1  # increase it when the content of the files changes
MAX_LOCK_WAIT = 60.0  # seconds to wait while another process prepares the same arrays


def load_shared(
    name: str,
    sources: Sequence[Path],
    layout: Mapping[str, tuple[str, int]],
    read: Callable[[], Mapping[str, Array]],
) -> dict[str, Array]:
    """Return the arrays that `read` returns, mapped from files that belong to the current sources.

    The pages of a mapped file are in memory once for all processes. Files that are missing, damaged or made from
    other sources are made again. If no folder can be written, the arrays belong to this process. They are read-only
    in both cases.

    Args:
        name: name of the data set. sources: the files that the arrays are read from.
        layout: the dtype and the number of dimensions of each array, by name.
        read: reads the sources and returns the arrays by name; its errors are passed on.
    """
    key = _content_key(sources)
    folders = [folder / name for folder in prepared_folders()]
    for folder in folders:
        if (arrays := _map_arrays(folder, key, layout)) is not None:
            return arrays
    own_arrays: Mapping[str, Array] | None = None
    for folder in folders:
        with suppress(OSError):  # full or not writable: try the next folder
            if not is_writable(folder):
                continue
            folder.mkdir(parents=True, exist_ok=True)
            with folder_lock(folder, MAX_LOCK_WAIT) as has_lock:
                if (arrays := _map_arrays(folder, key, layout)) is not None:  # another process was faster
                    return arrays
                own_arrays = read() if own_arrays is None else own_arrays
                remove_partial_files(folder, has_lock)
                _store(folder, key, own_arrays)
            if (arrays := _map_arrays(folder, key, layout)) is not None:
                return arrays
    own_arrays = read() if own_arrays is None else own_arrays
    for array in own_arrays.values():
        array.flags.writeable = False
    return dict(own_arrays)


def _content_key(sources: Sequence[Path]) -> str:
    """Return the key of prepared files: it changes with the path, the size and the time of change of a source."""
    digest = hashlib.sha256(str(FORMAT).encode())
    for path in sources:
        resolved = path.resolve()
        status = resolved.stat()
        digest.update(f"\0{resolved}\0{status.st_size}\0{status.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _array_path(folder: Path, key: str, array: str) -> Path:
    return folder / f"{key}-{array}.npy"


def _map_arrays(folder: Path, key: str, layout: Mapping[str, tuple[str, int]]) -> dict[str, Array] | None:
    """Return the prepared arrays; None if one is missing, damaged or of another layout."""
    arrays = {}
    for array, (dtype, dimensions) in layout.items():
        path = _array_path(folder, key, array)
        try:
            mapped = np.load(path, mmap_mode="r", allow_pickle=False)
            is_complete = isinstance(mapped, np.memmap) and path.stat().st_size == mapped.offset + mapped.nbytes
        except (OSError, ValueError, EOFError):
            return None
        if not is_complete or mapped.dtype != np.dtype(dtype) or mapped.ndim != dimensions:
            return None
        arrays[array] = mapped.view(np.ndarray)  # slicing a memmap is slower, and training slices often
    return arrays


def _store(folder: Path, key: str, arrays: Mapping[str, Array]) -> None:
    """Write the arrays atomically, and remove those of other keys. Raises `OSError`."""
    for array, values in arrays.items():
        target = _array_path(folder, key, array)
        partial_file = partial_path(target)
        try:
            with partial_file.open("xb") as file:
                np.save(file, values, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())  # before the rename, so that a file with that name is always complete
            os.replace(partial_file, target)
        finally:
            partial_file.unlink(missing_ok=True)
    for path in folder.glob("*.npy"):
        if not path.name.startswith(f"{key}-"):
            with suppress(OSError):  # Windows cannot delete a file that a process has mapped
                path.unlink()
