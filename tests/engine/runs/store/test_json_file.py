"""Runs as JSON files: export and import are exact, and changed files are valid or refused."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import FieldError, RunConfig
from engine.runs import states
from engine.runs.history.telemetry import Telemetry
from engine.runs.store.json_file import from_json, import_record, to_json
from engine.runs.store.record import About, Record
from engine.runs.store.store import Store
from tests.engine.runs.driving import diverging, small
from tests.engine.runs.store.keeping import CHANGES, assert_same_run, train_run

RUNS = {
    "default": (small(), {}),
    "live changes": (small(), {"changes": CHANGES}),
    "early stopping": (small(epochs=20, stop_on="accuracy", patience=2, halve_after=1), {}),
    "float64, two layers": (small(dtype="float64", hidden=(8, 5), l1=0.1, max_norm=2.0), {}),
    "500 epochs": (small(epochs=500, train_size=20, hidden=(4,)), {}),
    "no hidden layer": (small(hidden=(), drop_probability=0.0), {}),
    "not finished": (small(), {"until": 17}),
}


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> dict[str, Record]:
    store = Store(tmp_path_factory.mktemp("stored") / "runs.sqlite")
    return {name: store.load(train_run(store, config, **more)) for name, (config, more) in RUNS.items()}


@pytest.mark.parametrize("name", RUNS)
def test_export_import_export_is_equal(records, name, store):
    text = to_json(records[name])
    record = from_json(text)
    assert to_json(record) == text
    assert_same_run(records[name], record)
    run_id, done = import_record(store, record)
    assert done == "was imported"
    assert to_json(store.load(run_id)) == text


def test_a_diverged_run_is_exported_and_imported(store):
    record = Record(About(id="0" * 16, initial_config=diverging(), state=states.DIVERGED, reason="grew"), Telemetry())
    record.telemetry.mini_batch_cost.extend(np.arange(3.0), np.array([1.0, np.inf, np.nan]))
    again = from_json(to_json(record))
    np.testing.assert_array_equal(again.telemetry.mini_batch_cost.line()[1], [1.0, np.inf, np.nan])
    assert again.about.reason == "grew"


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, st.lists(WORDS.filter(lambda tag: tag and "," not in tag), max_size=5, unique=True))
def test_names_notes_and_tags_are_exported_and_imported(name, note, tags):
    record = Record(
        About(
            id="0" * 16, initial_config=RunConfig.demo(), state=states.FINISHED, name=name, note=note, tags=tuple(tags)
        ),
        Telemetry(),
    )
    again = from_json(to_json(record).encode())
    assert (again.about.name, again.about.note, again.about.tags) == (name, note, tuple(tags))


def test_importing_a_stored_run_does_not_change_it(records, store):
    record = records["default"]
    import_record(store, record)
    store.set_description(record.about.id, name="mine")
    assert import_record(store, from_json(to_json(record))) == (record.about.id, "is already stored")
    assert store.load_about(record.about.id).name == "mine"
    store.delete([record.about.id])
    assert import_record(store, record)[1] == "was deleted and has been restored"
    assert len(store.list()) == 1


def test_another_run_with_the_same_id_gets_a_new_id(records, store):
    record, other = records["default"], records["early stopping"]
    import_record(store, record)
    run_id, done = import_record(store, replace(other, about=replace(other.about, id=record.about.id)))
    assert run_id != record.about.id
    assert "with a new id" in done
    assert store.load_about(run_id).origin == "file"
    assert_same_run(store.load(record.about.id), record)
    assert_same_run(store.load(run_id), other)


def test_an_imported_running_run_can_be_resumed(records, store):
    training = replace(records["not finished"], about=replace(records["not finished"].about, state=states.RUNNING))
    run_id, _ = import_record(store, from_json(to_json(training)))
    assert store.load_about(run_id).state == states.INTERRUPTED
    train_run(store, record=store.load(run_id))
    assert_same_run(store.load(run_id), records["default"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be the JSON file of an exported run"),
        ("[" * 100_000, "must be the JSON file of an exported run"),
        ("[1, 2]", "must be a run exported by Regscope"),
        ('{"format": "regscope run", "version": 3}', "update Regscope"),
        ('{"format": "regscope run", "version": true}', "update Regscope"),
        ('{"format": "regscope run", "version": 1}', "is damaged.*'about' is missing"),
        ('{"format": "else", "version": 1}', "got another JSON file"),
        (b"\xff\xfe\x00", "must be the JSON file of an exported run"),
        ("x" * ((64 << 20) + 1), r"must be at most 67\.108864 MB for the network in it, got 67\.108865 MB"),
    ],
)
def test_a_file_that_is_not_a_run_is_refused(text, message):
    with pytest.raises(FieldError, match=f"^file .*{message}"):
        from_json(text)


@pytest.mark.parametrize("date", [1e308, -1.0, 253_402_300_800.0, True, "today"])
@pytest.mark.parametrize("field", ["created", "updated", "deleted"])
def test_a_date_that_cannot_be_displayed_is_refused(field, date, records):
    body = json.loads(to_json(records["default"]))
    assert field in body["about"]
    body["about"][field] = date
    with pytest.raises(FieldError, match=r"^file "):
        from_json(json.dumps(body))


def damage(body: dict, chance: random.Random) -> None:
    """Change one thing somewhere in a file."""
    place = body
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(place[key], dict | list) and place[key] and chance.random() < 0.8:
            place = place[key]
            continue
        match chance.randrange(7):
            case 0:
                place[key] = chance.choice([None, -1, 1e308, "x", [], {}, True, 10**30, "\0"])
            case 1 if isinstance(place, dict):
                del place[key]
            case 2 if isinstance(place[key], str) and place[key]:
                at = chance.randrange(len(place[key]))
                place[key] = place[key][:at] + chance.choice("A=z9\n\u20ac") + place[key][at + 1 :]
            case 3 if isinstance(place[key], str):
                place[key] = place[key][: len(place[key]) // 2]
            case 4 if isinstance(place[key], int | float):
                place[key] = chance.choice([-place[key], place[key] + 1, 2**62, 0, float(2**70)])
            case 5 if isinstance(place, list):
                place.append(place[key])
            case _:
                place[key] = [place[key]]
        return


@pytest.mark.parametrize("name", ["live changes", "early stopping", "no hidden layer"])
def test_a_changed_file_is_a_valid_run_or_refused(records, name, store):
    text, refused = to_json(records[name]), 0
    for seed in range(150):
        body, chance = json.loads(text), random.Random(seed)
        for _ in range(chance.randint(1, 3)):
            damage(body, chance)
        try:
            record = from_json(json.dumps(body))
        except FieldError as error:
            refused += len(str(error)) < 1_500  # the message is short enough to read
            continue
        import_record(store, record)
        assert store.list()
    assert refused > 50
