"""Inputs that nobody would write: each gives a result or a documented error, and none hangs.

Every case is a valid input with some changes, and the same for the same number. `python -m tests.test_fuzz FAMILY CASE`
repeats one case. Files of own data are tested with hypothesis, too, in tests/engine/data/test_fuzz.py.
"""

from __future__ import annotations

import io
import json
import random
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from unittest import mock
from urllib.parse import parse_qs, urlencode

import numpy as np
import pytest
from click.testing import CliRunner

from dashboard.commands import train
from dashboard.commands.cli import main
from dashboard.live.messages import Request, parse_request, type_problem
from dashboard.live.routes import MAX_REQUEST
from dashboard.state.settings.links import NAMES, config_and_pace, link_parameters, page_address, parse_link
from dashboard.state.settings.page_settings import PACES
from engine import FieldError, RunConfig, Training, dataset_of, select
from engine.config import SETTINGS
from engine.data import Table, read_columns, read_csv, read_idx_pair, read_npz
from engine.runs.export.checkpoints import load_checkpoint, save_checkpoint
from engine.runs.export.weights import load_weights, weights_bytes
from engine.runs.store.json_file import from_json, import_record, to_json
from engine.runs.store.record import Record
from engine.runs.store.store import Store
from tests import fuzzing
from tests.engine.data.own_files import check_table, flowers, idx, npz, pictures, refusal_message
from tests.engine.data.test_fuzz import TOKENS
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run
from tests.fuzzing import VALUES, Hang, damaged_bytes, damaged_value, no_hang

PIXELS, LABELS = pictures()
TEXTS = [value for value in VALUES if isinstance(value, str)] + ["0.5", "-1", "1e308", "inf", "12", "relu", "l2"]
CONFIGS = [
    RunConfig.demo(),
    RunConfig.demo(dataset="moons", hidden=(30, 20), train_size=None, expand=True, halve_after=3, max_norm=2.0),
    RunConfig(dtype="float64", hidden=(), l1=1e-05, stop_on="accuracy", validation_share=0.2),
]
REQUESTS = [
    {"panels": ["cost", "weights"], "drawn": True},
    {"at": 120, "drawn": False},
    {"at": None},
    {"again": True},
    {"order": "step_epoch"},
]
WAYS_OUT = {0, 2}  # exit codes of a command: done, and refused with a message


def is_refused(action: Callable[[], object]) -> bool:
    """Return whether an action raises the error of an invalid value, with a message that can be read."""
    message = ""
    try:
        action()
    except FieldError as error:
        message = str(error)
    assert len(message) < 3_000
    return bool(message)


def any_config(chance: random.Random, folder: Path) -> bool:
    """Settings from a file or a program."""
    values = chance.choice(CONFIGS).to_dict()
    values |= dict(chance.sample(list(chance.choice(CONFIGS).to_dict().items()), 5))
    for _ in range(chance.randint(0, 2)):
        values = damaged_value(chance, values)
        if isinstance(values, dict) and chance.random() < 0.3:
            values[chance.choice([*SETTINGS, "colour", ""])] = chance.choice(VALUES)
    if is_refused(lambda: RunConfig.from_dict(values)):
        return False
    config = RunConfig.from_dict(values)
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    return True


def any_link(chance: random.Random, folder: Path) -> bool:
    """The query parameters of an address."""
    query: dict[str, str | list[str]] = dict(link_parameters(chance.choice(CONFIGS), chance.choice([*PACES.values()])))
    for _ in range(chance.randint(1, 4)):
        texts = [chance.choice(TEXTS).encode("utf-8", "replace").decode() for _ in range(chance.randint(1, 2))]
        query[chance.choice([*NAMES, "colour"])] = texts if chance.random() < 0.3 else texts[0]
    text = urlencode(query, doseq=True).encode()
    if chance.random() < 0.5:
        text = damaged_bytes(chance, text)
    found = parse_qs(text.decode(errors="replace"), keep_blank_values=True)
    parsed = parse_link(found)
    assert is_refused(lambda: config_and_pace(found)) == bool(parsed.refused)
    if not is_refused(lambda: link_parameters(parsed.config, parsed.pace)):
        assert page_address("http://localhost:8501", link_parameters(parsed.config, parsed.pace))
    return not parsed.refused


def any_message(chance: random.Random, folder: Path) -> bool:
    """A message of a browser on the live socket."""
    request = chance.choice(REQUESTS)
    for _ in range(chance.randint(0, 3)):
        request = damaged_value(chance, request)
    text = json.dumps(request)
    if chance.random() < 0.5:
        text = damaged_bytes(chance, text.encode()).decode(errors="replace")
    found = parse_request(text[:MAX_REQUEST])
    assert type_problem(found, Request) == ""
    assert "drawn" in found
    return len(found) > 1


class NotTrained:
    """Takes the place of the run that the command would train."""

    def __init__(self, *_: object, **__: object) -> None:
        raise FieldError("run", "is not trained here")


def any_command(chance: random.Random, folder: Path) -> bool:
    """The options and the config file of `regscope train`."""
    words = ["train"]
    for _ in range(chance.randint(0, 4)):
        setting = chance.choice(list(SETTINGS.values()))
        option = setting.option or "--" + setting.name.replace("_", "-")
        words += [option, chance.choice([*TEXTS, setting.format(getattr(RunConfig.demo(), setting.name))])]
        if chance.random() < 0.1:
            words[-1] = damaged_bytes(chance, words[-1].encode("utf-8", "replace")).decode(errors="replace")
    if chance.random() < 0.7:
        file = folder / f"config{chance.choice(['.json', '.toml', ''])}"
        values = chance.choice(CONFIGS).to_dict()
        if file.suffix == ".toml":
            lines = [f"{name} = {json.dumps(value)}" for name, value in values.items() if value is not None]
            content = "\n".join(lines)
        else:
            content = json.dumps(values if chance.random() < 0.5 else {"config": values})
        file.write_bytes(damaged_bytes(chance, content.encode()))
        words += ["--config", str(file)]
    with mock.patch.object(train, "HeadlessRun", NotTrained):
        result = CliRunner().invoke(main, words)
    assert result.exit_code in WAYS_OUT, result.output
    assert isinstance(result.exception, SystemExit | None), repr(result.exception)
    return "run is not trained here" in result.output


@cache
def stored_runs() -> list[Record]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "runs.sqlite")
        tiny = {"train_size": 20, "hidden": (3,), "epochs": 2}
        configs = [small(**tiny), small(**tiny, stop_on="accuracy", patience=1), small(**tiny, dtype="float64")]
        return [record for config in configs if (record := store.load(train_run(store, config))) is not None]


@cache
def run_files() -> list[tuple[dict, bytes]]:
    texts = [to_json(record) for record in stored_runs()]
    return [(json.loads(text), text.encode()) for text in texts]


def any_run_file(chance: random.Random, folder: Path) -> bool:
    """A run as a JSON file."""
    body, content = chance.choice(run_files())
    if chance.random() < 0.6:
        for _ in range(chance.randint(1, 3)):
            body = damaged_value(chance, body)
        content = json.dumps(body).encode()
    if chance.random() < 0.5:
        content = damaged_bytes(chance, content)
    if is_refused(lambda: from_json(content)):
        return False
    store = Store(folder / "runs.sqlite")
    run_id, _ = import_record(store, from_json(content))
    assert store.load_about(run_id) is not None
    return True


@cache
def network_files() -> dict[str, bytes]:
    config = small(train_size=20, hidden=(3,), epochs=1)
    training = Training(config, select(config, dataset_of(config)))
    weights = {ending: weights_bytes(training.parameters, config, ending) for ending in (".npz", ".safetensors")}
    (record, *_) = stored_runs()
    assert record.checkpoint is not None
    with tempfile.TemporaryDirectory() as folder:
        save_checkpoint(Path(folder) / "checkpoint.npz", record.checkpoint)
        checkpoint = (Path(folder) / "checkpoint.npz").read_bytes()
    return {**{f"weights{ending}": content for ending, content in weights.items()}, "checkpoint.npz": checkpoint}


def any_network_file(chance: random.Random, folder: Path) -> bool:
    """Weights or a checkpoint."""
    name, content = chance.choice(list(network_files().items()))
    file = folder / name
    if file.suffix == ".npz" and chance.random() < 0.6:  # the damage is in the values, and the checksums are right
        with np.load(io.BytesIO(content)) as stored:
            arrays = dict(stored)
        text = "checkpoint" if "checkpoint" in arrays else "config"
        values = damaged_value(chance, json.loads(arrays[text].tobytes()))
        np.savez(file, **{**arrays, text: np.frombuffer(json.dumps(values).encode(), np.uint8)})
    else:
        file.write_bytes(damaged_bytes(chance, content, [*TOKENS["npz"], *TOKENS["npy"]]))
    return not is_refused(lambda: load_checkpoint(file) if name.startswith("checkpoint") else load_weights(file))


def is_table(read: Callable[[], Table]) -> bool:
    """Return whether a file is read; the table must then be valid."""
    try:
        table = read()
    except FieldError as error:
        refusal_message(error)
        return False
    check_table(table)
    return True


def any_csv(chance: random.Random, folder: Path) -> bool:
    """A table of own data."""
    content = damaged_bytes(chance, flowers(25, chance.choice(",;\t")), TOKENS["csv"])
    is_refused(lambda: read_columns(content))
    return is_table(lambda: read_csv(content, chance.choice([None, None, "species", ""])))


def any_npz(chance: random.Random, folder: Path) -> bool:
    """Arrays of own data, with or without compression."""
    content = npz(chance.random() < 0.5, x=PIXELS, y=LABELS)
    return is_table(lambda: read_npz(damaged_bytes(chance, content, [*TOKENS["npz"], *TOKENS["npy"]])))


def any_idx(chance: random.Random, folder: Path) -> bool:
    """Pictures and labels of own data."""
    is_zipped = chance.random() < 0.5
    images = idx(PIXELS.shape, PIXELS.tobytes(), zipped=is_zipped)
    labels = idx(LABELS.shape, LABELS.tobytes(), zipped=is_zipped)
    if chance.random() < 0.7:
        images = damaged_bytes(chance, images, TOKENS["idx"])
    if chance.random() < 0.7:
        labels = damaged_bytes(chance, labels, TOKENS["idx"])
    return is_table(lambda: read_idx_pair(images, labels))


# Tries one case and returns whether the input was accepted, by family, with the number of cases in the slow tests.
FAMILIES: dict[str, tuple[Callable[[random.Random, Path], bool], int]] = {
    "config": (any_config, 6_000),
    "link": (any_link, 5_000),
    "message": (any_message, 5_000),
    "command": (any_command, 2_000),
    "run file": (any_run_file, 3_000),
    "network file": (any_network_file, 2_000),
    "csv": (any_csv, 1_000),
    "npz": (any_npz, 1_000),
    "idx": (any_idx, 1_000),
}
FEW = 50  # cases of each family in the fast tests
MIN_CASES = 20_000


def try_case(family: str, case: int, folder: Path) -> bool:
    with no_hang():
        return FAMILIES[family][0](random.Random(f"{family} {case}"), folder)


def try_cases(family: str, count: int, folder: Path) -> list[bool]:
    """Try the first cases of a family; return whether each was accepted."""
    accepted = []
    for case in range(count):
        try:
            accepted.append(try_case(family, case, folder))
        except (Exception, Hang) as error:
            raise AssertionError(
                f"{type(error).__name__}; to repeat it: python -m tests.test_fuzz {family!r} {case}"
            ) from error
    return accepted


@pytest.mark.parametrize("family", FAMILIES)
def test_a_few_cases_of_each_family_end_in_a_result_or_an_error(family, tmp_path):
    assert len(try_cases(family, FEW, tmp_path)) == FEW


@pytest.mark.slow
def test_twenty_thousand_cases_end_in_a_result_or_an_error(tmp_path):
    done = 0
    for family, (_, count) in FAMILIES.items():
        (tmp_path / family).mkdir()
        accepted = try_cases(family, count, tmp_path / family)
        assert 0.01 < sum(accepted) / count < 0.99, f"{family}: the damage is too strong or too weak"
        done += len(accepted)
    assert done >= MIN_CASES


def test_a_case_that_does_not_end_is_a_failure(monkeypatch, tmp_path):
    def endless(chance, folder):
        while True:
            pass

    monkeypatch.setattr(fuzzing, "SECONDS_PER_CASE", 0.01)
    monkeypatch.setitem(FAMILIES, "config", (endless, 1))
    with pytest.raises(AssertionError, match=r"^Hang; to repeat it: python -m tests\.test_fuzz 'config' 0"):
        try_cases("config", 1, tmp_path)


@pytest.mark.parametrize("family", ["config", "link", "message", "command"])
def test_the_same_case_is_the_same_input_again(family, tmp_path):
    """Otherwise a failure could not be repeated."""
    seen: list[str] = []
    for _ in range(2):
        chance = random.Random(f"{family} 7")
        FAMILIES[family][0](chance, tmp_path)
        seen.append(repr(chance.getstate()))
    assert seen[0] == seen[1]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        try_case(sys.argv[1], int(sys.argv[2]), Path(place))
