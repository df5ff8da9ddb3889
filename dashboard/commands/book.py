"""`regscope book`: trains the runs of the book and compares them with its published results."""

from __future__ import annotations

from pathlib import Path

import click
from threadpoolctl import threadpool_limits

from dashboard.commands.output import json_option, readable_errors, write_json
from engine.book import RUNS, Curves, config_of, difference, golden_run, published


@click.command()
@click.argument("name", type=click.Choice(list(RUNS)))
@click.option("--epochs", type=click.IntRange(min=1), help="Fewer epochs than the book's 400 (30 of the full runs).")
@json_option
def book(name: str, epochs: int | None, json_file: Path | None) -> None:
    """Train one of the book's runs of chapter 3 and compare it with the published results.

    The runs need MNIST in the data folder. The runs overfitting and regularized train on 1,000 images, without and
    with L2. The other runs train on 50,000 images.
    """
    curves = Curves.none()
    with readable_errors(), threadpool_limits(limits=1, user_api="blas"):
        config = config_of(name, epochs)
        n = RUNS[name][0]
        with click.progressbar(golden_run(name, epochs), length=config.epochs, label=name) as snapshots:
            for snapshot in snapshots:
                curves.add(snapshot, n)
        published_curves = published(name)
    best_accuracy = max(curves.test_accuracy)
    click.echo(
        f"Test accuracy {curves.test_accuracy[-1]:,} of 10,000 (best {best_accuracy:,} in epoch "
        f"{curves.test_accuracy.index(best_accuracy) + 1}), "
        f"training accuracy {curves.training_accuracy[-1]:,} of {n:,}."
    )
    if published_curves is None:
        click.echo(
            f"The published results of {name} are not in the data folder (book/{name}.json): there is no comparison."
        )
    else:
        curve_difference = difference(curves, published_curves)
        click.echo(
            f"Compared with the book over {curve_difference.epochs} epochs: "
            f"largest difference of a cost {curve_difference.cost:.2g}, "
            f"accuracy counts that differ {curve_difference.counts} of {2 * curve_difference.epochs}."
        )
    if json_file:
        write_json(json_file, curves.to_dict())
