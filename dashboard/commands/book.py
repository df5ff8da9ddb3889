"""`regscope book`: the runs of the book, compared with its published figures."""

from __future__ import annotations

from pathlib import Path

import click
from threadpoolctl import threadpool_limits

from dashboard.commands.output import check_writable_files, json_option, readable_errors, write_json
from engine.book import RUNS, Curves, config_of, difference, golden_run, published


@click.command()
@click.argument("name", type=click.Choice(list(RUNS)))
@click.option("--epochs", type=click.IntRange(min=1), help="Fewer epochs than the book's 400 (30 of the full runs).")
@json_option
def book(name: str, epochs: int | None, json_file: Path | None) -> None:
    """Train one of the book's runs of chapter 3 and compare it with the published figures.

    The runs train on MNIST from the data folder: on 1,000 images without and with L2 (overfitting, regularized), or
    on 50,000.
    """
    check_writable_files(json=json_file)
    curves = Curves.none()
    with readable_errors(), threadpool_limits(limits=1, user_api="blas"):
        config = config_of(name, epochs)
        n = RUNS[name][0]
        with click.progressbar(golden_run(name, epochs), length=config.epochs, label=name) as snapshots:
            for snapshot in snapshots:
                curves.add(snapshot, n)
        theirs = published(name)
    best = max(curves.test_accuracy)
    click.echo(
        f"Test accuracy {curves.test_accuracy[-1]:,} of 10,000 (best {best:,} in epoch "
        f"{curves.test_accuracy.index(best) + 1}), training accuracy {curves.training_accuracy[-1]:,} of {n:,}."
    )
    if theirs is None:
        click.echo(
            f"The book's figures of {name} are not in the data folder (book/{name}.json), so nothing is compared."
        )
    else:
        found = difference(curves, theirs)
        click.echo(
            f"Compared with the book over {found.epochs} epochs: largest difference of a cost {found.cost:.2g}, "
            f"accuracy counts that differ {found.counts} of {2 * found.epochs}."
        )
    if json_file:
        write_json(json_file, curves.to_dict())
