"""Reads and writes weights with their config, as `.npz` and `.safetensors`, never pickle.

In both formats the arrays of layer 1 are `W1` (n_in, n_out) and `b1` (n_out,), and so on. The config is JSON: an array
of bytes named `config` in `.npz`, metadata named `config` in `.safetensors`.
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
from engine.errors import FieldError, format_limit
from engine.learning.network import Parameters

MAX_BYTES = 10**9  # maximum size of a file; the largest network of the page needs far less


def save_weights(path: Path | str, parameters: Parameters, config: RunConfig) -> None:
    """Write parameters and their config to an .npz or .safetensors file.

    The extension of the file decides the format. The file is written under a temporary name and then renamed, so
    an interruption keeps the old file.

    Raises:
        FieldError: for another extension. OSError: if the file cannot be written.
    """
    path = Path(path)
    check_ending(path)
    write_atomically(path, weights_bytes(parameters, config, path.suffix))


def weights_bytes(parameters: Parameters, config: RunConfig, ending: str) -> bytes:
    """Return the content of a weights file. `ending` is .npz or .safetensors."""
    config_json = json.dumps(config.to_dict(), ensure_ascii=False)
    arrays = {f"W{i}": np.ascontiguousarray(W) for i, W in enumerate(parameters.weights, start=1)}
    arrays |= {f"b{i}": np.ascontiguousarray(b) for i, b in enumerate(parameters.biases, start=1)}
    if ending == ".safetensors":
        return bytes(safetensors_bytes(arrays, metadata={"config": config_json}))
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, config=np.frombuffer(config_json.encode(), np.uint8), **arrays)
    return buffer.getvalue()


def check_writable(path: Path) -> None:
    """Raise `OSError` when `write_atomically` cannot write a file; the file is not changed."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    temporary_path = path.with_name(path.name + ".part")
    temporary_path.touch()
    temporary_path.unlink()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, then rename it.

    An interruption keeps the old file.

    Raises:
        OSError: if the file cannot be written.
    """
    temporary_path = path.with_name(path.name + ".part")
    try:
        temporary_path.write_bytes(content)
        os.replace(temporary_path, path)
    finally:
        temporary_path.unlink(missing_ok=True)


def load_weights(path: Path | str) -> tuple[Parameters, RunConfig]:
    """Return the parameters and the config that `save_weights` wrote.

    Raises:
        FieldError: if the file cannot be read, is damaged, or its weights do not fit its config. The message names
            the file.
    """
    path = Path(path)
    check_ending(path)
    try:
        if (nbytes := path.stat().st_size) > MAX_BYTES:
            limit, size = format_limit(MAX_BYTES, nbytes)
            raise FieldError(str(path), f"must be at most {limit}, got {size}")
        config_json, arrays = _read_npz(path) if path.suffix == ".npz" else _read_safetensors(path)
        config = RunConfig.from_dict(json.loads(config_json))
    except Exception as error:  # a damaged file can raise zlib.error, NotImplementedError, RecursionError, …
        if isinstance(error, FieldError) and error.field == str(path):
            raise
        cause = f"{error!s:.200}"  # that of an archive may repeat any part of the file
        raise FieldError(str(path), f"does not contain weights with their config ({cause}): save it again") from error
    return _build_parameters(path, arrays, config), config


def check_ending(path: Path) -> None:
    """Raise `FieldError` unless the name ends in .npz or .safetensors."""
    if path.suffix not in (".npz", ".safetensors"):
        raise FieldError("path", f"must end in .npz or .safetensors, got {path.name!r}")


def _read_npz(path: Path) -> tuple[str, dict[str, Array]]:
    with np.load(path, allow_pickle=False) as file:
        unpacked_bytes = sum(member.file_size for member in file.zip.infolist())
        if unpacked_bytes > MAX_BYTES:  # checked before the file is unpacked
            limit, size = format_limit(MAX_BYTES, unpacked_bytes)
            raise FieldError(str(path), f"must unpack to at most {limit}, got {size}")
        arrays = {name: file[name] for name in file.files}
    return arrays.pop("config").tobytes().decode(), arrays


def _read_safetensors(path: Path) -> tuple[str, dict[str, Array]]:
    with safe_open(path, framework="np") as file:
        metadata: Mapping[str, str] = file.metadata() or {}
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    return metadata["config"], arrays


def _build_parameters(path: Path, arrays: Mapping[str, Array], config: RunConfig) -> Parameters:
    layers = len(config.hidden) + 1
    names = [f"{kind}{i}" for kind in "Wb" for i in range(1, layers + 1)]
    if sorted(arrays) != sorted(names):
        raise FieldError(str(path), f"must contain {', '.join(names)}, got {', '.join(sorted(arrays)) or 'nothing'}")
    first, last = arrays["W1"], arrays[f"W{layers}"]
    if first.ndim != 2 or last.ndim != 2:
        raise FieldError(
            str(path),
            f"must contain matrices W (n_in, n_out), got {first.ndim} and {last.ndim} dimensions: save it again",
        )
    parameters = Parameters.empty((first.shape[0], *config.hidden, last.shape[1]), config.dtype)
    for name, target in zip(names, [*parameters.weights, *parameters.biases], strict=True):
        array = arrays[name]
        if array.shape != target.shape or array.dtype != target.dtype:
            raise FieldError(
                str(path),
                f"must contain {name} with shape {target.shape}, {target.dtype}, got {array.shape}, {array.dtype}",
            )
        if not np.isfinite(array).all():
            raise FieldError(str(path), f"must contain finite weights, got NaN or infinite values in {name}")
        target[...] = array
    return parameters
