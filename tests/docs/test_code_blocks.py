"""The code blocks of all documents: programs are run, commands are parsed, and fast commands are run."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from streamlit import config as streamlit_options
from threadpoolctl import threadpool_limits

from dashboard.commands.cli import main
from engine import RunConfig, dataset_of, select
from tests.docs.documents import BLOCKS, DOCUMENTS, ROOT, Block, Command, commands, docstring_examples, has_module
from tests.slowing import PATIENCE

EXTENSION_GUIDE = "docs/extending.md"  # tested by tests/test_extending.py on a copy of the tree
KNOWN_LANGUAGES = {"", "python", "bash", "toml", "json", "diff", "nginx", "output"}
OTHER_PROGRAMS = {"pip", "git", "cd", "export", "apt-get", "python3", "python3.11", ".", "sqlite3"}
PYTHON = [block for block in BLOCKS if block.language == "python" and block.document != EXTENSION_GUIDE]
COMMANDS = [command for command in dict.fromkeys(commands()) if not command.place.startswith(EXTENSION_GUIDE)]
# The commands that are run. They need no network, no MNIST and no terminal, and end within seconds.
FAST_PREFIXES = ("regscope train ", "regscope runs list", "regscope data list", "regscope data path", "regscope --help")
every_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.place} {command.text}")

FLOWERS = "petal,sepal,species\n" + "".join(
    f"{i % 7},{(3 * i) % 11},{'iris' if i % 2 else 'rose'}\n" for i in range(40)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with the file that own-data.md reads."""
    (tmp_path / "flowers.csv").write_text(FLOWERS, encoding="utf-8")
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("REGSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def output_of(code: str, name: str, **names: object) -> str:
    """Execute a program and return its output."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), threadpool_limits(limits=1, user_api="blas"):
        exec(compile(code, name, "exec"), {"__name__": "__main__", **names})
    return output.getvalue()


def test_there_are_documents_with_programs_and_commands():
    assert len(DOCUMENTS) > 15
    assert len(PYTHON) > 8
    assert len(COMMANDS) > 30


def test_every_block_is_in_a_language_that_is_tested():
    assert {block.language for block in BLOCKS} <= KNOWN_LANGUAGES


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.place)
def test_a_python_block_prints_the_output_in_the_document(block: Block, folder: Path):
    found = output_of(block.text, block.place)
    if block.output is not None:
        assert found == block.output


@pytest.mark.parametrize("example", list(docstring_examples()), ids=lambda example: example.place)
def test_an_example_in_a_docstring_runs(example, folder: Path):
    config = RunConfig(train_size=50, hidden=(10,), epochs=2)
    names = {**vars(importlib.import_module(example.module)), "config": config}
    code = re.sub(r"RunConfig\(", "RunConfig(train_size=50, epochs=2, ", example.text)  # a shorter run
    assert output_of(code, example.place, **names | {"data": select(config, dataset_of(config))})


# commands


@pytest.fixture
def parsed_only(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the functions of all commands of `regscope`, and collect the names of the called commands."""
    called: list[str] = []

    def replace(command: click.Command, name: str) -> None:
        monkeypatch.setattr(command, "callback", lambda *args, **options: called.append(name))
        if isinstance(command, click.Group):
            for each in command.commands.values():
                replace(each, f"{name} {each.name}")

    replace(main, "regscope")
    return called


@every_command
def test_a_command_of_a_document_is_valid(command: Command, parsed_only: list[str], monkeypatch):
    monkeypatch.chdir(ROOT)  # paths in the documents are relative to the root
    program, *arguments = command.words
    if program == "regscope" and command.mention:
        check_mention(arguments)
    elif program == "regscope":
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        assert parsed_only or "--help" in arguments
    elif program == "streamlit":
        assert arguments[0] == "run"
        assert command.mention or (ROOT / arguments[1]).is_file()
        options = streamlit_options.get_config_options()
        assert {word.split("=")[0].removeprefix("--") for word in arguments if word.startswith("--")} <= set(options)
    elif program in ("python", "pytest"):
        check_python(["-m", "pytest", *arguments] if program == "pytest" else arguments)
    elif program == "bash":
        assert (ROOT / arguments[0]).is_file()
    else:
        assert program in OTHER_PROGRAMS
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        assert set(re.findall(r"\[(\w+)\]", command.text)) <= set(extras)


def check_mention(arguments: list[str]) -> None:
    """Check that the name and the options of a command in a sentence exist; its arguments may be missing."""
    command: click.Command = main
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        assert arguments[0] in command.commands
        command = command.commands[arguments.pop(0)]
    options = {option for param in command.params for option in (*param.opts, *param.secondary_opts)} | {"--help"}
    assert {word.split("=")[0] for word in arguments if word.startswith("--")} <= options


def check_python(arguments: list[str]) -> None:
    """Check that the module of `python -m MODULE …` exists, and for pytest the paths."""
    assert arguments[0] == "-m"
    assert has_module(arguments[1]), arguments[1]
    if arguments[1] == "pytest":
        paths = [word for word in arguments[2:] if "/" in word and not word.startswith("-")]
        assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "module", sorted({command.words[2] for command in COMMANDS if command.words[:2] == ("python", "-m")} - {"pytest"})
)
def test_a_module_in_the_documents_has_the_documented_options(module: str):
    options = {
        word.split("=")[0]
        for command in COMMANDS
        if command.words[:3] == ("python", "-m", module)
        for word in command.words[3:]
        if word.startswith("--")
    }
    if options:
        result = subprocess.run(
            [sys.executable, "-P", "-m", module, "--help"],
            cwd=ROOT, capture_output=True, text=True, timeout=120 * PATIENCE, check=True,
        )  # fmt: skip
        assert {option for option in options if option not in result.stdout} == set()


FAST_COMMANDS = sorted(
    {command.words for command in COMMANDS if command.text.startswith(FAST_PREFIXES) and not command.mention}
)


@pytest.mark.parametrize("words", FAST_COMMANDS, ids=" ".join)
def test_a_fast_command_runs(words: tuple[str, ...], folder: Path):
    (folder / "docs").symlink_to(ROOT / "docs")
    arguments = list(words[1:])
    if arguments[0] == "train" and "--epochs" not in arguments and "--help" not in arguments:
        arguments += ["--epochs", "2"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert result.output.strip()


# data


def test_every_config_in_the_documents_is_valid():
    texts = [(path.suffix[1:], path.read_text(encoding="utf-8")) for path in (ROOT / "docs").rglob("*.toml")]
    texts += [(block.language, block.text) for block in BLOCKS if block.language in ("toml", "json")]
    assert texts
    for language, text in texts:
        assert RunConfig.from_dict(tomllib.loads(text) if language == "toml" else json.loads(text))
