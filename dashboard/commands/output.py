"""Output, error messages and JSON files of all commands."""

from __future__ import annotations

import json
import re
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


# Control characters, among them ESC of terminal sequences; line and paragraph separators; characters that change the
# direction of the text after them; halves of surrogate pairs, which cannot be written.
CONTROL_CHARACTERS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def echo(text: object, err: bool = False) -> None:
    """Print lines of text. Names and notes may come from other people, so control characters are escaped.

    Args:
        text: the lines. err: whether to print to standard error.
    """
    click.echo("\n".join(map(printable, str(text).split("\n"))), err=err)


def printable(text: str) -> str:
    r"""Return text as one line without control characters: ESC becomes \x1b, a new line \n."""
    return CONTROL_CHARACTERS.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


@contextmanager
def readable_errors() -> Iterator[None]:
    """Exit with code 2 and a message for errors that the user can correct."""
    try:
        yield
    except (FieldError, Diverged) as error:
        raise click.UsageError(printable(str(error))) from error
    except OSError as error:
        raise click.UsageError(
            printable(f"{error.filename or 'a file'}: {error.strerror}; choose another place")
        ) from error


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file atomically."""
    with writable("--json", path):
        write_atomically(path, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())
    echo(f"Written: {path}")


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
        raise click.UsageError(
            printable(f"{option} {path} cannot be written ({error.strerror}): choose another place")
        ) from error
