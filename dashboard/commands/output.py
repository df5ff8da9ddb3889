"""Error messages and JSON files of all commands."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from engine import Diverged, FieldError

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
    temporary_path = path.with_name(path.name + ".part")
    try:
        temporary_path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        os.replace(temporary_path, path)
    except OSError as error:
        raise click.UsageError(f"--json {path} cannot be written ({error.strerror}): choose another place") from error
    click.echo(f"Written: {path}")
