"""What the commands have in common: errors in words, and JSON that is whole or not there."""

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
    help="Write the figures here, as JSON.",
)


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Turn what a person can mend into a message and exit code 2."""
    try:
        yield
    except (FieldError, Diverged) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{error.filename or 'a file'}: {error.strerror}; choose another place") from error


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a file at once: an interruption leaves the old one, or none."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise click.UsageError(f"--json {path} cannot be written ({error.strerror}): choose another place") from error
    click.echo(f"Written: {path}")
