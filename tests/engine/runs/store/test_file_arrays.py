"""Every network that can be trained is read back from its file, and no file can fill the memory."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import numpy as np
import pytest

from engine import FieldError, RunConfig
from engine.runs.history import keyframes
from engine.runs.store import file_arrays
from engine.runs.store.file_arrays import decode, encode, max_array_bytes
from engine.runs.store.json_file import from_json, import_record, to_json
from engine.runs.store.store import Store
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import assert_same_run, train_run

PAGE_LIMIT = 256 << 20  # see server.maxUploadSize
NETWORKS = {
    "64-2000-2000-10": ((2_000, 2_000), "float32"),
    "64-1000-1000-10 float64": ((1_000, 1_000), "float64"),
    "64-10000-10": ((10_000,), "float32"),
    "ten layers": ((300,) * 10, "float32"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_large_network_is_read_back_from_its_file(name, store, tmp_path):
    """Version 0.1.0 wrote 89 MB for 64-2000-2000-10 and refused files of more than 64 MB."""
    hidden, dtype = NETWORKS[name]
    config = small(hidden=hidden, dtype=dtype, epochs=2, stop_on="accuracy", patience=100)
    record = store.load(train_run(store, config))
    text = to_json(record)
    assert len(text) <= PAGE_LIMIT
    other = Store(tmp_path / "other" / "runs.sqlite")
    run_id, done = import_record(other, from_json(text.encode()))
    assert done == "was imported"
    assert_same_run(record, other.load(run_id))
    assert [each.step for each in other.load(run_id).telemetry.keyframes] == [
        each.step for each in record.telemetry.keyframes
    ]


def test_the_limit_depends_on_the_network_in_the_file(store):
    record = store.load(train_run(store, small(hidden=(4,)), until=3))
    small_limit, text = file_arrays.max_characters(to_json(record)), to_json(record)
    body = json.loads(text)
    body["about"]["config"]["hidden"] = [2_000, 2_000]
    large_limit = file_arrays.max_characters(json.dumps(body).encode())
    assert small_limit < 100 << 20
    assert large_limit > 1 << 30
    with pytest.raises(FieldError, match=f"must be at most {small_limit / 1e6:.1f} MB for the network in it"):
        from_json(text[:-1] + " " * small_limit + "}")


def test_compressed_zeros_do_not_fill_the_memory(store):
    """Half a megabyte of text that would become 512 MB."""
    body = json.loads(to_json(store.load(train_run(store, small(hidden=(4,)), until=3))))
    size = 128 << 20
    zeros = base64.b64encode(zlib.compress(bytes(4 * size), 9)).decode()
    body["series"]["over_time/norm"] = {"dtype": "float32", "shape": [size], "packed": zeros}
    with pytest.raises(FieldError, match="more than a run of its network can have"):
        from_json(json.dumps(body))
    body["series"]["over_time/norm"]["shape"] = [3]  # a wrong shape
    with pytest.raises(FieldError, match="must have as many numbers, got 13 bytes"):
        from_json(json.dumps(body))


def test_the_arrays_of_version_1_are_limited_too(store):
    body = json.loads(to_json(store.load(train_run(store, small(hidden=(4,)), until=3))))
    zeros = base64.b64encode(bytes(1 << 20)).decode()
    body["series"]["over_time/norm"] = {"dtype": "float32", "shape": [128 << 20], "data": zeros}
    with pytest.raises(FieldError, match="more than a run of its network can have"):
        from_json(json.dumps(body))


def test_arrays_beyond_the_free_memory_are_refused(store, monkeypatch):
    text = to_json(store.load(train_run(store, small(hidden=(4,)), until=3)))
    monkeypatch.setattr(file_arrays, "SPARE_BYTES", 0)
    monkeypatch.setattr(file_arrays, "free_memory", lambda: 4_000)
    with pytest.raises(FieldError, match="too many for the free memory of this machine"):
        from_json(text)


@pytest.mark.parametrize("dtype", file_arrays.DTYPES)
@pytest.mark.parametrize("size", [0, 1, 1_000])
def test_an_array_is_read_back_to_the_last_bit(dtype, size):
    array = np.random.default_rng(3).normal(size=size).astype(dtype)
    array[size // 2 :] *= np.inf
    found = decode(json.loads(json.dumps(encode(array))))
    assert found.dtype == array.dtype
    assert found.tobytes() == array.tobytes()


def test_the_arrays_of_version_1_can_be_read():
    array = np.linspace(0, 1, 7, dtype=np.float32)
    data = base64.b64encode(array.tobytes()).decode()
    np.testing.assert_array_equal(decode({"dtype": "float32", "shape": [7], "data": data}), array)


@pytest.mark.parametrize(
    "array",
    [
        {"dtype": "int8", "shape": [1], "packed": ""},
        {"dtype": "float32", "shape": [1, 1], "packed": ""},
        {"dtype": "float32", "shape": [-1], "packed": ""},
        {"dtype": "float32", "shape": [True], "packed": ""},
        {"dtype": "float32", "shape": ["1"], "packed": ""},
        {"dtype": "float32", "shape": [2], "packed": 7},
        {"dtype": "float32", "shape": [2], "packed": "AAAA"},
        {"dtype": "float32", "shape": [2], "data": "AAAA"},
        {"dtype": [], "shape": [2], "data": "AAAA"},
    ],
)
def test_an_impossible_array_is_refused(array):
    with pytest.raises((ValueError, TypeError)):
        decode(array)


@pytest.mark.parametrize("hidden", [(), (30,), (100,), (2_000, 2_000), (10_000,) * 10])
def test_the_limit_allows_all_arrays_of_a_record(hidden):
    config = RunConfig(hidden=hidden)
    weights = 4 * file_arrays.Parameters.length((784, *hidden, 10))
    frames = max(keyframes.MIN_KEYFRAMES * weights, keyframes.MAX_BYTES)
    assert max_array_bytes(config) >= frames + 2 * weights


def test_the_page_accepts_files_up_to_the_size_it_shows():
    from dashboard.pages.runs import MAX_IMPORT_MB

    options = (Path(__file__).parents[4] / ".streamlit" / "config.toml").read_text()
    assert f"maxUploadSize = {MAX_IMPORT_MB} " in options
    assert MAX_IMPORT_MB << 20 == PAGE_LIMIT
