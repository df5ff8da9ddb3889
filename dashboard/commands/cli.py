"""`regscope`: starts the dashboard from any folder, and contains the other commands."""

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
@click.option(
    "--port", type=click.IntRange(1, 65535), help="The port of the server. Default: 8501, or the next free port."
)
@click.option("--address", help="The address of the server. Default: 127.0.0.1, for this machine only.")
@click.option(
    "--host",
    "hosts",
    metavar="NAME",
    multiple=True,
    help="A name of the server in the address bar, such as that of a proxy, or *.example.org. May be repeated. "
    "Requests for unknown names are refused. Default: the names of this machine.",
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.pass_context
def main(
    context: click.Context, port: int | None, address: str | None, hosts: tuple[str, ...], no_browser: bool
) -> None:
    """Watch a regularized network train, live, in the browser."""
    if context.invoked_subcommand is not None:
        return
    options = dict(_configured_options())
    if port:
        options["server.port"] = port
    if address:
        options["server.address"] = address
    options["server.allowedHosts"] = [*options["server.allowedHosts"], *hosts]
    if no_browser:
        options["server.headless"] = True
    arguments = [f"--{name}={_option_text(each)}" for name, value in options.items() for each in _option_values(value)]
    app = files("dashboard").joinpath("app.py")
    # -P: a file in the current folder must not replace a module with the same name
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(app), *arguments]
    if os.name == "posix":
        os.execv(command[0], command)  # replaces this process, so that the server receives its signals
    raise SystemExit(subprocess.call(command))


def _configured_options() -> Iterator[tuple[str, Any]]:
    """Yield (dotted name, value) for each option of `.streamlit/config.toml`."""
    package = Path(str(files("dashboard")))
    for folder in (package, package.parent):
        path = folder / ".streamlit" / "config.toml"
        if path.is_file():
            yield from _flatten(tomllib.loads(path.read_text(encoding="utf-8")), "")
            return


def _flatten(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _option_values(value: Any) -> list[Any]:
    """Return the values of an option; an option with several values is repeated."""
    return value if isinstance(value, list) else [value]


def _option_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


main.add_command(book)
main.add_command(data)
main.add_command(runs)
main.add_command(train)

if __name__ == "__main__":
    main()
