"""Error messages and JSON files of all commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from engine import Diverged, FieldError
from engine.runs.export.weights import check_writable, write_atomically

json_option = click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the results to this file as JSON.",
)


@contextmanager
def readable_errors() -> Iterator[None]:
    """Exit with code 2 and a message for errors that the user can correct."""
    try:
        yield
    except (FieldError, Diverged) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{error.filename or 'a file'}: {error.strerror}; choose another place") from error


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file atomically."""
    with writable("--json", path):
        write_atomically(path, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())
    click.echo(f"Written: {path}")


def check_writable_files(**paths: Path | None) -> None:
    """Check the paths of output files by option, before the work whose results they will contain.

    Raises:
        click.UsageError: for the first that cannot be written.
    """
    for option, path in paths.items():
        if path is not None:
            with writable(f"--{option}", path):
                check_writable(path)


@contextmanager
def writable(option: str, path: Path) -> Iterator[None]:
    """Exit with a message that names the option if writing a file fails."""
    try:
        yield
    except OSError as error:
        raise click.UsageError(f"{option} {path} cannot be written ({error.strerror}): choose another place") from error
