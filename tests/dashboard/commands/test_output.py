"""Names from other people cannot control the terminal, and unreadable rows do not end a command."""

from __future__ import annotations

import os
import pty
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from dashboard.commands.cli import main
from dashboard.commands.output import printable
from engine.data import keep, read_csv
from engine.runs.store.store import Store
from tests.engine.data.own_files import flowers
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run

ROOT = Path(__file__).parents[3]
# clears the screen; sets the title of the window; hides the text after it; reverses the direction of the text
NASTY = "a\x1b[2Jb\x1b]0;owned\x07c\x9b8md\u202ee\rf\x08g"
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("REGSCOPE_HOME", str(tmp_path / "home"))
    return Store()


def terminal_output(*arguments: str) -> str:
    """Run a command in a real terminal and return its output."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard.commands.cli", *arguments],
        cwd=ROOT,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    os.close(terminal)
    os.write(controller, b"n\n")  # the answer to a confirmation
    output = b""
    while True:
        try:
            chunk = os.read(controller, 1 << 16)
        except OSError:  # the terminal is closed
            break
        if not chunk:
            break
        output += chunk
    os.close(controller)
    process.wait()
    return output.decode().replace("\r\n", "\n")


def damage(store: Store, column: str, cell: object, run_id: str) -> None:
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (cell, run_id))


@pytest.mark.slow
def test_control_characters_in_names_are_escaped_in_a_real_terminal(store, tmp_path, monkeypatch):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path / "data"))
    run_id = train_run(store, small(), until=12)
    store.set_description(run_id, name=NASTY, note=f"{NASTY}\nstate      finished", tags=[NASTY])
    damage(store, "id", NASTY, train_run(store, small(), until=12))
    keep(read_csv(flowers(), title=NASTY))
    (tmp_path / NASTY).write_text("no run")
    commands = (
        ("runs", "list"),
        ("runs", "show", run_id),
        ("runs", "show", NASTY),
        ("runs", "delete", run_id[:4]),
        ("runs", "import", str(tmp_path / NASTY)),
        ("data", "list"),
        ("train", "--dataset", NASTY),
    )
    for command in commands:
        output = terminal_output(*command)
        assert "a\\x1b[2Jb" in output or command[0] == "train", f"{command}: {output!r}"
        without_progress = output.replace("\x1b[?25l", "").replace("\x1b[?25h", "")
        assert not FORBIDDEN.search(without_progress), f"{command}: {output!r}"
    assert "\n           state      finished" in terminal_output("runs", "show", run_id), "a note is indented"


def test_every_command_prints_through_one_function():
    for path in (ROOT / "dashboard" / "commands").glob("*.py"):
        assert path.name == "output.py" or not re.search(r"click\.s?echo\(|\bprint\(", path.read_text()), path.name


@pytest.mark.parametrize("text", ["λ = 1, 99 %", "e\u0301", "👩\u200d🔬", "a b"])
def test_other_texts_are_printed_unchanged(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "printed"), [("\x1b[2J", r"\x1b[2J"), ("a\nb", r"a\nb"), ("\ud800", r"\ud800"), ("\u202e", r"\u202e")]
)
def test_control_characters_are_printed_as_escapes(text, printed):
    assert printable(text) == printed


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("created", "yesterday"),
        ("figures", '{"best_accuracy": "high"}'),
        ("step", "many"),
        ("name", b"x"),
        ("config", "[" * 100_000),
        ("id", "no id"),
    ],
)
def test_a_bad_row_is_reported_and_the_other_runs_are_listed(store, column, cell):
    good, bad = train_run(store, small(), until=12), train_run(store, small(), until=12)
    damage(store, column, cell, bad)
    result = CliRunner().invoke(main, ["runs", "list"])
    assert (result.exit_code, result.exception) == (0, None)
    assert good[:8] in result.stdout
    assert column == "id" or bad[:8] not in result.stdout
    assert ("'no id'" if column == "id" else bad) in result.stderr
    assert "regscope runs delete --damaged" in result.stderr


def test_bad_rows_are_deleted_together(store):
    good, bad = train_run(store, small(), until=12), train_run(store, small(), until=12)
    damage(store, "created", "yesterday", bad)
    assert CliRunner().invoke(main, ["runs", "delete", "--damaged"], input="n\n").exit_code == 1
    assert len(store.list_all().damaged) == 1
    result = CliRunner().invoke(main, ["runs", "delete", "--damaged", "--yes"])
    assert (result.exit_code, result.stdout) == (0, "Deleted: 1 run.\n")
    assert store.list_all().damaged == []
    assert [about.id for about in store.list()] == [good]
    assert "nothing to delete" in CliRunner().invoke(main, ["runs", "delete", "--damaged"]).output
    assert CliRunner().invoke(main, ["runs", "delete"]).exit_code == 2
    assert CliRunner().invoke(main, ["runs", "delete", good, "--damaged"]).exit_code == 2
