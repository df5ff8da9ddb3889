"""The columns of the tables are defined by the fields of their dataclasses."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, fields, replace

import pytest

from engine import RunConfig
from engine.runs import states
from engine.runs.store import schema
from engine.runs.store.columns import (
    Writer,
    column_metadata,
    columns_of,
    fields_from_row,
    pack_fields,
    to_row,
    unpack_fields,
)
from engine.runs.store.record import About, Event
from engine.runs.store.rows import write_about
from engine.runs.store.weight_rows import BestRow, CheckpointRow, KeyframeRow

ABOUT = About(
    id="0123456789abcdef",
    initial_config=RunConfig(hidden=(3, 4), l2=0.25),
    state=states.STOPPED,
    reason="it was paused",
    pace=12.5,
    step=7,
    steps_per_epoch=3,
    seconds=1.5,
    metrics={"judge_accuracy": 0.5},
    created=1.0,
    updated=2.0,
    origin="file",
    name="λ",
    default_name="L2 λ 0.25 · mnist · 3",
    note="two\nlines",
    tags=("a", "ö"),
    group="p",
    parent="q",
    forked_at=3,
)


@pytest.fixture
def connection() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.create_or_migrate(connection)
    return connection


def read_row(connection: sqlite3.Connection) -> About:
    names = ", ".join(column.name for column in columns_of(About))
    return About(**fields_from_row(About, connection.execute(f"SELECT {names} FROM runs").fetchone()))


def test_the_table_has_a_column_for_every_field_and_the_axis_limit(connection):
    table = {row[1] for row in connection.execute("PRAGMA table_info(runs)")}
    assert table == {column.name for column in columns_of(About)} | {"widest"}


@pytest.mark.parametrize(
    ("table", "row_type", "keys"),
    [
        ("events", Event, {"run", "number"}),
        ("keyframes", KeyframeRow, {"run"}),
        ("checkpoints", CheckpointRow, {"run"}),
        ("best", BestRow, {"run"}),
    ],
)
def test_every_other_table_has_the_columns_of_its_dataclass(connection, table, row_type, keys):
    found = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    assert found == {column.name for column in columns_of(row_type)} | keys


def test_a_column_is_required_exactly_if_its_field_cannot_be_none(connection):
    optional = {row[1] for row in connection.execute("PRAGMA table_info(runs)") if not row[3] and not row[5]}
    assert optional == {
        column.name for column, field in zip(columns_of(About), fields(About), strict=True) if "None" in str(field.type)
    }


def test_a_row_is_read_as_it_was_written(connection):
    write_about(connection, ABOUT, 1.0)
    assert read_row(connection) == ABOUT


def test_a_packed_row_is_unpacked_without_changes():
    assert About(**unpack_fields(About, pack_fields(ABOUT))) == ABOUT
    assert list(pack_fields(ABOUT))[:2] == ["id", "config"], "the key is config in files of every version"


def test_training_updates_its_own_columns_and_no_others(connection):
    """Every field is changed; only those of `Writer.TRAINING` may be written."""
    write_about(connection, ABOUT, 1.0)
    other = About(
        id=ABOUT.id,
        initial_config=RunConfig(),
        state=states.RUNNING,
        reason="another",
        pace=1.0,
        step=8,
        steps_per_epoch=4,
        seconds=9.0,
        metrics={"judge_accuracy": 0.75},
        created=11.0,
        updated=12.0,
        origin="page",
        name="b",
        default_name="L2 λ 1 · mnist · 4",
        note="c",
        tags=("d",),
        group="e",
        parent="f",
        forked_at=4,
        deleted=5.0,
    )
    write_about(connection, other, 2.0)
    trained = {column.field for column in columns_of(About) if column.writer is Writer.TRAINING}
    assert read_row(connection) == replace(ABOUT, **{field: getattr(other, field) for field in trained})
    assert connection.execute("SELECT widest FROM runs").fetchone() == (2.0,)


def test_a_new_row_is_never_deleted(connection):
    write_about(connection, replace(ABOUT, deleted=5.0), 1.0)
    assert read_row(connection).deleted is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "no id"),
        ("state", "started"),
        ("reason", 3),
        ("pace", 0),
        ("step", -1),
        ("steps_per_epoch", 1.5),
        ("seconds", float("nan")),
        ("figures", {"judge_accuracy": "high"}),
        ("created", None),
        ("updated", True),
        ("origin", "elsewhere"),
        ("party", "x" * 65),
        ("parent", None),
        ("forked_at", "3"),
        ("deleted", "yesterday"),
        ("vigil", 1),
    ],
)
def test_an_invalid_packed_value_is_refused_with_its_name(name, value):
    with pytest.raises(ValueError, match=name):
        unpack_fields(About, pack_fields(ABOUT) | {name: value})


def test_a_new_column_needs_only_a_new_field():
    @dataclass(frozen=True)
    class Row:
        id: int = field(metadata=column_metadata())
        words: tuple[str, ...] = field(
            default=(), metadata=column_metadata("stored_words", json=True, encode=list, decode=tuple)
        )

    assert to_row(Row(1, ("a",))) == {"id": 1, "stored_words": '["a"]'}
    assert Row(**fields_from_row(Row, (1, '["a"]'))) == Row(1, ("a",))
    assert Row(**unpack_fields(Row, {"id": 2})) == Row(2)
