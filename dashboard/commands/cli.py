"""`regscope`: the dashboard from any folder, with the theme and options it was made with, and the commands."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from dashboard.commands.book import book
from dashboard.commands.data import data
from dashboard.commands.runs import runs
from dashboard.commands.train import train


@click.group(invoke_without_command=True)
@click.option("--port", type=click.IntRange(1, 65535), help="The port to serve on; 8501 when left out and free.")
@click.option("--address", help="The address to bind; 127.0.0.1 when left out: this machine only.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.pass_context
def main(context: click.Context, port: int | None, address: str | None, no_browser: bool) -> None:
    """Watch a regularized network train, live, in the browser."""
    if context.invoked_subcommand is not None:
        return
    options = dict(_options())
    if port:
        options["server.port"] = port
    if address:
        options["server.address"] = address
    if no_browser:
        options["server.headless"] = True
    flags = [f"--{name}={_text(value)}" for name, value in options.items()]
    app = files("dashboard").joinpath("app.py")
    # -P: a file in the folder it is started from must not stand in for a module
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(app), *flags]
    if os.name == "posix":
        os.execv(command[0], command)  # takes this process's place, and with it its signals
    raise SystemExit(subprocess.call(command))


def _options() -> Iterator[tuple[str, Any]]:
    """The options of `.streamlit/config.toml`, by their dotted names: the wheel carries the file too."""
    package = Path(str(files("dashboard")))
    for folder in (package, package.parent):
        path = folder / ".streamlit" / "config.toml"
        if path.is_file():
            yield from _flat(tomllib.loads(path.read_text(encoding="utf-8")), "")
            return


def _flat(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


main.add_command(book)
main.add_command(data)
main.add_command(runs)
main.add_command(train)

if __name__ == "__main__":
    main()
