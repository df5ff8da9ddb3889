"""`regscope data`: lists the data sets, prints their folder, and downloads those that are missing."""

from __future__ import annotations

from typing import Any

import click

from dashboard.commands.output import readable_errors
from engine import FieldError, RunConfig, data_folder, dataset_names, dataset_of, load_dataset
from engine.data import PLANAR, FetchedFile, downloadable_datasets, fetch, own_datasets


@click.group()
def data() -> None:
    """List the data sets and download those that are not bundled."""


@data.command("list")
def list_() -> None:
    """List the data sets and their states: bundled, cached or not downloaded."""
    to_fetch = {found.name: found for found in downloadable_datasets()}
    for name in dataset_names():
        with readable_errors():
            if found := to_fetch.get(name):
                title, examples = found.title, found.examples
                state = "cached" if found.is_present else f"to fetch, {found.megabytes:.0f} MB"
            else:
                dataset = load_dataset(name)
                parts = (dataset.training, dataset.validation, dataset.test)
                title, examples, state = dataset.title, sum(len(part) for part in parts if part), "bundled"
        click.echo(f"{name:20} {title:28} {examples:7,} examples   {state}")
    for name in PLANAR:
        made = dataset_of(RunConfig(dataset=name))
        examples = len(made.training) + len(made.validation)
        click.echo(f"{name:20} {made.title:28} {examples:7,} examples   drawn from a run's seed")
    for own in own_datasets():
        click.echo(f"{own.name:20} {own.title[:28]:28} {own.rows:7,} examples   your own")


@data.command("fetch")
@click.argument("names", nargs=-1, type=click.Choice([found.name for found in downloadable_datasets()]))
@click.option("--all", "every", is_flag=True, help="Download all data sets that are not bundled.")
def fetch_(names: tuple[str, ...], every: bool) -> None:
    """Download data sets into the data folder, from public mirrors, and check them."""
    if bool(names) == every:
        raise click.UsageError("Give the names of data sets, or --all; regscope data list shows the names.")
    failures = []
    for name in [found.name for found in downloadable_datasets()] if every else names:
        try:
            with _Bars() as bars:
                files = fetch(name, progress=bars.show)
        except FieldError as error:  # the others are still downloaded
            failures.append(error)
            continue
        for file in files:
            click.echo(_described(file))
    with readable_errors():
        for failure in failures[:-1]:
            click.echo(f"Error: {failure}", err=True)
        if failures:
            raise failures[-1]


@data.command("path")
def path_() -> None:
    """Print the data folder: $REGSCOPE_DATA, or the platform's folder for user data."""
    click.echo(data_folder())


def _described(file: FetchedFile) -> str:
    """Return the source of a file and the result of its check in one line."""
    source = f"from {file.mirror.name}" if file.mirror else "was there"
    aside = f"; the damaged file is now {file.renamed_path.name}" if file.renamed_path else ""
    return f"{file.path}: {source}, {file.check_result}{aside}"


class _Bars:
    """The progress bars of `fetch`, one for each file."""

    def __init__(self) -> None:
        self._name = ""
        self._bar: Any = None

    def show(self, name: str, done: int, total: int | None) -> None:
        if not done and not total:
            return  # no mirror has answered yet
        other = name != self._name or self._bar.length != total
        if other or done < self._bar.pos:  # another file, or the same from another mirror
            self._end()
            self._name = name
            # an iterator without a length gives an indeterminate progress bar
            self._bar = click.progressbar(None if total else iter(int, 1), length=total, label=name)
            self._bar.render_progress()
        if done > self._bar.pos:
            self._bar.update(done - self._bar.pos)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def __enter__(self) -> _Bars:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()
