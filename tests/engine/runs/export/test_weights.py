"""Weight files: they are loaded as they were saved, and invalid files are refused."""

from __future__ import annotations

import json
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine import FieldError, RunConfig, initial_parameters
from engine.errors import format_limit
from engine.runs.export import weights
from engine.runs.export.weights import load_weights, save_weights

CONFIG = RunConfig.demo(hidden=(7, 5), l1=0.25, seed=9)
ENDINGS = (".npz", ".safetensors")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", [(), (7,), (7, 5, 3)])
def test_weights_and_config_are_loaded_bit_for_bit(ending, dtype, hidden, tmp_path):
    config = RunConfig.demo(hidden=hidden, dtype=dtype, l1=0.25)
    parameters = initial_parameters(config, 64, 10)
    path = tmp_path / f"weights{ending}"
    save_weights(path, parameters, config)
    found, found_config = load_weights(path)
    assert found_config == config
    assert found.sizes == parameters.sizes
    assert found.flat.tobytes() == parameters.flat.tobytes()
    assert [file.name for file in tmp_path.iterdir()] == [path.name], "temporary files are removed"


def test_other_tools_can_read_the_files(tmp_path):
    parameters = initial_parameters(CONFIG, 64, 10)
    for ending in ENDINGS:
        save_weights(tmp_path / f"w{ending}", parameters, CONFIG)
    with np.load(tmp_path / "w.npz", allow_pickle=False) as stored:
        npz = {name: stored[name] for name in stored.files if name != "config"}
        assert json.loads(stored["config"].tobytes()) == CONFIG.to_dict()
    tensors = load_file(tmp_path / "w.safetensors")
    assert set(npz) == set(tensors) == {"W1", "W2", "W3", "b1", "b2", "b3"}
    for i in range(3):
        np.testing.assert_array_equal(npz[f"W{i + 1}"], parameters.weights[i])
        np.testing.assert_array_equal(tensors[f"b{i + 1}"], parameters.biases[i])


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x00" * 100, b"\xff" * 64, pickle.dumps({"W1": 1})])
def test_a_file_without_weights_is_refused_with_its_name(ending, content, tmp_path):
    path = tmp_path / f"weights{ending}"
    path.write_bytes(content)
    with pytest.raises(FieldError, match="weights") as caught:
        load_weights(path)
    assert str(path) in str(caught.value)


def test_an_archive_of_python_objects_is_refused(tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, W1=np.array([{"a": 1}], dtype=object), config=np.frombuffer(b"{}", np.uint8))
    with pytest.raises(FieldError, match="does not contain weights"):
        load_weights(path)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_truncated_file_is_refused(ending, tmp_path):
    path = tmp_path / f"weights{ending}"
    save_weights(path, initial_parameters(CONFIG, 64, 10), CONFIG)
    content = path.read_bytes()
    for size in (10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(FieldError, match="does not contain weights"):
            load_weights(path)


def test_an_archive_that_is_too_large_is_refused_before_unpacking(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "MAX_BYTES", 8 << 20)
    path = tmp_path / "weights.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("W1.npy", "w") as member:
        for _ in range(9):
            member.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    try:
        with pytest.raises(FieldError, match=r"must unpack to at most 8\.4 MB, got 9\.4 MB"):
            load_weights(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays.pop("b2"), "must contain W1"),
        (lambda arrays: arrays.update(W2=arrays["W2"].T.copy()), "must contain W2 with"),
        (lambda arrays: arrays.update(b1=arrays["b1"].astype(np.float64)), "must contain b1 with"),
        (lambda arrays: arrays["W1"].__setitem__((0, 0), np.nan), "finite"),
    ],
)
def test_arrays_that_do_not_fit_the_config_are_refused(change, message, tmp_path):
    path = tmp_path / "weights.safetensors"
    save_weights(path, initial_parameters(CONFIG, 64, 10), CONFIG)
    arrays = load_file(path)
    change(arrays)
    save_file(arrays, path, metadata={"config": json.dumps(CONFIG.to_dict())})
    with pytest.raises(FieldError, match=message):
        load_weights(path)


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(FieldError, match=r"must end in .npz or .safetensors, got 'weights.pkl'"):
        save_weights(tmp_path / "weights.pkl", initial_parameters(CONFIG, 64, 10), CONFIG)
    with pytest.raises(FieldError, match="must end in"):
        load_weights(tmp_path / "weights.pkl")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FieldError, match=r"nowhere\.npz"):
        load_weights(tmp_path / "nowhere.npz")


def test_an_npy_file_renamed_to_npz_is_refused(tmp_path):
    np.save(tmp_path / "array.npy", np.zeros(3))
    path = (tmp_path / "array.npy").rename(tmp_path / "array.npz")
    with pytest.raises(FieldError, match=r"array\.npz does not contain weights"):
        load_weights(path)


def test_the_message_does_not_repeat_a_damaged_file(tmp_path):
    """An archive whose member has another name in its own header: zipfile puts both names into its error."""
    path = tmp_path / "weights.npz"
    config = RunConfig(hidden=(30,))
    save_weights(path, initial_parameters(config, 64, 10), config)
    content = bytearray(path.read_bytes())
    content[26:28] = (4_000).to_bytes(2, "little")  # the length of the first name
    path.write_bytes(content)
    with pytest.raises(FieldError) as refused:
        load_weights(path)
    assert len(str(refused.value)) < len(str(path)) + 400


def test_the_largest_file_has_a_decimal_size():
    assert format_limit(weights.MAX_BYTES, weights.MAX_BYTES + 40_000_000) == ("1.00 GB", "1.04 GB")
