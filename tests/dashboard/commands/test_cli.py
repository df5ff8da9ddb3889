"""The command `regscope`, and the wheel that installs it."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from dashboard.commands import cli
from tests.conftest import skip_or_fail
from tests.dashboard.serving import ROOT, Server
from tests.processes import alive, wait_until
from tests.slowing import PATIENCE

REGSCOPE = (sys.executable, "-P", "-m", "dashboard.commands.cli")


def options_in_the_file() -> set[str]:
    """Return the dotted names in .streamlit/config.toml, read line by line instead of as TOML."""
    names, section = set(), ""
    for line in (ROOT / ".streamlit" / "config.toml").read_text().splitlines():
        if heading := re.match(r"\[(.+)\]", line):
            section = heading[1]
        elif option := re.match(r"(\w+)\s*=", line):
            names.add(f"{section}.{option[1]}")
    return names


def test_help_lists_options_and_commands():
    result = subprocess.run([*REGSCOPE, "--help"], capture_output=True, text=True, timeout=60 * PATIENCE)
    assert result.returncode == 0
    for word in ("--port", "--address", "--host", "--no-browser", "train", "book"):
        assert word in result.stdout


@pytest.mark.parametrize(
    "arguments", [["--port", "0"], ["--port", "65536"], ["--port", "x"], ["--no-such"], ["nothing"]]
)
def test_invalid_arguments_are_refused(arguments):
    result = subprocess.run([*REGSCOPE, *arguments], capture_output=True, text=True, timeout=60 * PATIENCE)
    assert result.returncode == 2
    assert "Usage" in result.stderr


def test_all_options_of_the_file_are_passed_to_streamlit():
    names = options_in_the_file()
    assert len(names) > 15
    options = dict(cli._configured_options())
    assert set(options) == names
    stored = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert options["theme.dark.primaryColor"] == stored["theme"]["dark"]["primaryColor"]
    assert options["runner.postScriptGC"] is False


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with a file that has the name of a module of the standard library."""
    (tmp_path / "random.py").write_text("raise RuntimeError('this is the wrong random')")
    return tmp_path


def test_the_command_serves_from_any_folder_until_it_is_terminated(elsewhere):
    server = Server(*REGSCOPE, "--no-browser", "--port", "{port}", folder=elsewhere)
    try:
        arguments = Path(f"/proc/{server.process.pid}/cmdline").read_bytes().decode().split("\0")
        for name in options_in_the_file():
            assert any(word.startswith(f"--{name}=") for word in arguments), f"{name} is not passed on"
        assert "--runner.postScriptGC=false" in arguments
        assert f"--server.port={server.port}" in arguments
        wait_until(lambda: server.workers())
        workers = server.workers()
        os.kill(server.process.pid, signal.SIGTERM)
        wait_until(lambda: not any(alive(pid) for pid in [server.process.pid, *workers]))
        assert not server.answers()
    finally:
        server.close()
    assert "wrong random" not in server.output()


def test_the_wheel_has_all_files_that_an_installed_copy_needs(tmp_path):
    if importlib.util.find_spec("hatchling") is None:
        skip_or_fail("pip install hatchling: it builds the wheel without a download")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", tmp_path, ROOT],
        check=True,
        timeout=120 * PATIENCE,
    )
    (path,) = tmp_path.glob("regscope-*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        assert wheel.read("dashboard/.streamlit/config.toml") == (ROOT / ".streamlit" / "config.toml").read_bytes()
        for name in (
            *(
                file.relative_to(ROOT).as_posix()
                for part in ("live", "replay")
                for file in (ROOT / "dashboard" / part / "assets").rglob("*.*")
            ),
            "dashboard/icon.svg",
            "engine/data/bundled/digits.npz",
        ):
            assert wheel.read(name) == (ROOT / name).read_bytes()
        modules = {
            path.relative_to(ROOT).as_posix()
            for part in ("engine", "dashboard")
            for path in (ROOT / part).rglob("*.py")
        }
        assert modules <= set(names)
        entry = next(name for name in names if name.endswith("entry_points.txt"))
        assert b"regscope = dashboard.commands.cli:main" in wheel.read(entry)
        assert not any("test" in Path(name).parts[0] or "__pycache__" in name for name in names)
