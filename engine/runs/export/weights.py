"""Reads and writes weights with their config, as `.npz` and `.safetensors`, never pickle.

In both, the arrays of layer 1 are `W1` (n_in, n_out) and `b1` (n_out,), and so on; the config is JSON,
an array of bytes named `config` in an `.npz` and metadata of that name in a `.safetensors`.
"""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy import ndarray as Array
from safetensors import safe_open
from safetensors.numpy import save as safetensors_bytes

from engine.config import RunConfig
from engine.errors import FieldError
from engine.learning.network import Parameters

MAX_BYTES = 1 << 30  # of one file: far more than any network here


def save_weights(path: Path | str, parameters: Parameters, config: RunConfig) -> None:
    """Write parameters and their config; the ending, .npz or .safetensors, decides the format.

    The file is written under another name and then renamed: an interruption leaves the old file.

    Raises:
        FieldError: for another ending. OSError: when the file cannot be written.
    """
    path = Path(path)
    check_ending(path)
    write_whole(path, weights_bytes(parameters, config, path.suffix))


def weights_bytes(parameters: Parameters, config: RunConfig, ending: str) -> bytes:
    """Return the content of a file of weights; `ending` is .npz or .safetensors."""
    text = json.dumps(config.to_dict(), ensure_ascii=False)
    arrays = {f"W{i}": np.ascontiguousarray(W) for i, W in enumerate(parameters.weights, start=1)}
    arrays |= {f"b{i}": np.ascontiguousarray(b) for i, b in enumerate(parameters.biases, start=1)}
    if ending == ".safetensors":
        return bytes(safetensors_bytes(arrays, metadata={"config": text}))
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, config=np.frombuffer(text.encode(), np.uint8), **arrays)
    return out.getvalue()


def check_writable(path: Path) -> None:
    """Raise `OSError` when `write_whole` cannot write a file; the file is not changed."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    part = path.with_name(path.name + ".part")
    part.touch()
    part.unlink()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name and rename it: an interruption leaves the old file.

    Raises:
        OSError: when it cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load_weights(path: Path | str) -> tuple[Parameters, RunConfig]:
    """Return the parameters and the config that `save_weights` wrote.

    Raises:
        FieldError: when the file cannot be read, is damaged or does not hold a network that goes
            with its config; the message names the file.
    """
    path = Path(path)
    check_ending(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FieldError(str(path), f"must be at most {MAX_BYTES >> 20} MB, got {path.stat().st_size >> 20}")
        text, arrays = _read_npz(path) if path.suffix == ".npz" else _read_safetensors(path)
        config = RunConfig.from_dict(json.loads(text))
    except Exception as error:  # a damaged file raises anything: zlib.error, NotImplementedError, RecursionError, …
        if isinstance(error, FieldError) and error.field == str(path):
            raise
        raise FieldError(str(path), f"does not contain weights with their config ({error}): save it again") from error
    return _parameters(path, arrays, config), config


def check_ending(path: Path) -> None:
    """Raise `FieldError` unless the name ends in .npz or .safetensors."""
    if path.suffix not in (".npz", ".safetensors"):
        raise FieldError("path", f"must end in .npz or .safetensors, got {path.name!r}")


def _read_npz(path: Path) -> tuple[str, dict[str, Array]]:
    with np.load(path, allow_pickle=False) as stored:
        inside = sum(member.file_size for member in stored.zip.infolist())
        if inside > MAX_BYTES:  # before any of it is unpacked
            raise FieldError(str(path), f"must unpack to at most {MAX_BYTES >> 20} MB, got {inside >> 20}")
        arrays = {name: stored[name] for name in stored.files}
    return arrays.pop("config").tobytes().decode(), arrays


def _read_safetensors(path: Path) -> tuple[str, dict[str, Array]]:
    with safe_open(path, framework="np") as stored:
        metadata: Mapping[str, str] = stored.metadata() or {}
        arrays = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 (not a dict)
    return metadata["config"], arrays


def _parameters(path: Path, arrays: Mapping[str, Array], config: RunConfig) -> Parameters:
    layers = len(config.hidden) + 1
    names = [f"{kind}{i}" for kind in "Wb" for i in range(1, layers + 1)]
    if sorted(arrays) != sorted(names):
        raise FieldError(str(path), f"must hold {', '.join(names)}, got {', '.join(sorted(arrays)) or 'nothing'}")
    first, last = arrays["W1"], arrays[f"W{layers}"]
    if first.ndim != 2 or last.ndim != 2:
        raise FieldError(str(path), "must hold matrices W (n_in, n_out)")
    parameters = Parameters.empty((first.shape[0], *config.hidden, last.shape[1]), config.dtype)
    for name, room in zip(names, [*parameters.weights, *parameters.biases], strict=True):
        array = arrays[name]
        if array.shape != room.shape or array.dtype != room.dtype:
            raise FieldError(
                str(path),
                f"must hold {name} of {room.shape}, {room.dtype}, as in its config, got {array.shape}, {array.dtype}",
            )
        if not np.isfinite(array).all():
            raise FieldError(str(path), f"must hold finite weights, got some in {name} that are not")
        room[...] = array
    return parameters
