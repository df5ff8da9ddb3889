"""`regscope data`: lists the data sets, prints their folder, and downloads those that are missing."""

from __future__ import annotations

from typing import Any

import click

from dashboard.commands.output import echo, printable, readable_errors
from engine import FieldError, RunConfig, data_folder, dataset_names, dataset_of, load_dataset
from engine.data import PLANAR, FetchedFile, downloadable_datasets, fetch, own_datasets
from engine.errors import format_bytes


@click.group()
def data() -> None:
    """List data sets and download those that are not bundled."""


@data.command("list")
def list_() -> None:
    """List the data sets and their states: bundled, cached or to fetch."""
    fetchable_sets = {downloadable_set.name: downloadable_set for downloadable_set in downloadable_datasets()}
    for name in dataset_names():
        with readable_errors():
            if downloadable_set := fetchable_sets.get(name):
                title, examples = downloadable_set.title, downloadable_set.examples
                state = (
                    "cached"
                    if downloadable_set.is_present
                    else f"to fetch, {format_bytes(1e6 * downloadable_set.megabytes)}"
                )
            else:
                dataset = load_dataset(name)
                parts = (dataset.training, dataset.validation, dataset.test)
                title, examples, state = dataset.title, sum(len(part) for part in parts if part), "bundled"
        echo(f"{name:20} {title:28} {examples:7,} examples   {state}")
    for name in PLANAR:
        dataset = dataset_of(RunConfig(dataset=name))
        examples = len(dataset.training) + len(dataset.validation)
        echo(f"{name:20} {dataset.title:28} {examples:7,} examples   drawn from a run's seed")
    for own_dataset in own_datasets():
        echo(f"{own_dataset.name:20} {printable(own_dataset.title)[:28]:28} {own_dataset.rows:7,} examples   your own")


@data.command("fetch")
@click.argument(
    "names", nargs=-1, type=click.Choice([downloadable_set.name for downloadable_set in downloadable_datasets()])
)
@click.option("--all", "fetch_all", is_flag=True, help="Download all data sets that are not bundled.")
def fetch_(names: tuple[str, ...], fetch_all: bool) -> None:
    """Download data sets into the data folder, from public mirrors, and check them."""
    if bool(names) == fetch_all:
        raise click.UsageError("Give the names of data sets, or --all; regscope data list shows the names.")
    failures = []
    for name in [downloadable_set.name for downloadable_set in downloadable_datasets()] if fetch_all else names:
        try:
            with _ProgressBars() as bars:
                files = fetch(name, progress=bars.show)
        except FieldError as error:  # the others are still downloaded
            failures.append(error)
            continue
        for file in files:
            echo(_file_description(file))
    with readable_errors():
        for failure in failures[:-1]:
            echo(f"Error: {failure}", err=True)
        if failures:
            raise failures[-1]


@data.command("path")
def path_() -> None:
    """Print the data folder: $REGSCOPE_DATA, or the platform's folder for user data."""
    echo(data_folder())


def _file_description(file: FetchedFile) -> str:
    """Return the source of a file and the result of its check in one line."""
    source = f"from {file.mirror.name}" if file.mirror else "was there"
    set_aside_text = f"; the damaged file is now {file.renamed_path.name}" if file.renamed_path else ""
    return f"{file.path}: {source}, {file.check_result}{set_aside_text}"


class _ProgressBars:
    """The progress bars of `fetch`, one for each file."""

    def __init__(self) -> None:
        self._name = ""
        self._bar: Any = None

    def show(self, name: str, bytes_done: int, total_bytes: int | None) -> None:
        if not bytes_done and not total_bytes:
            return  # no mirror has responded yet
        is_new_file = name != self._name or self._bar.length != total_bytes
        if is_new_file or bytes_done < self._bar.pos:  # another file, or the same file from another mirror
            self._end()
            self._name = name
            # an iterator without a length gives an indeterminate progress bar
            self._bar = click.progressbar(None if total_bytes else iter(int, 1), length=total_bytes, label=name)
            self._bar.render_progress()
        if bytes_done > self._bar.pos:
            self._bar.update(bytes_done - self._bar.pos)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def __enter__(self) -> _ProgressBars:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()
