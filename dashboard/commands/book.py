"""`regscope book`: trains the runs of the book and compares them with its published results."""

from __future__ import annotations

from pathlib import Path

import click
from threadpoolctl import threadpool_limits

from dashboard.commands.output import check_writable_files, echo, json_option, readable_errors, write_json
from engine.book import BOOK_RUNS, Curves, book_config, compare_curves, published_curves, train_book_run


@click.command()
@click.argument("name", type=click.Choice(list(BOOK_RUNS)))
@click.option("--epochs", type=click.IntRange(min=1), help="Fewer epochs than the book's 400 (30 of the full runs).")
@json_option
def book(name: str, epochs: int | None, json_file: Path | None) -> None:
    """Train one of the book's runs of chapter 3 and compare it with the published results.

    The runs need MNIST in the data folder. The runs overfitting and regularized train on 1,000 images, without and
    with L2. The other runs train on 50,000 images.
    """
    check_writable_files(json=json_file)
    curves = Curves.empty()
    with readable_errors(), threadpool_limits(limits=1, user_api="blas"):
        config = book_config(name, epochs)
        n = BOOK_RUNS[name][0]
        with click.progressbar(train_book_run(name, epochs), length=config.epochs, label=name) as snapshots:
            for snapshot in snapshots:
                curves.append(snapshot, n)
        book_curves = published_curves(name)
    best_accuracy = max(curves.test_accuracy)
    echo(
        f"Test accuracy {curves.test_accuracy[-1]:,} of 10,000 (best {best_accuracy:,} in epoch "
        f"{curves.test_accuracy.index(best_accuracy) + 1}), "
        f"training accuracy {curves.training_accuracy[-1]:,} of {n:,}."
    )
    if book_curves is None:
        echo(f"The published results of {name} are not in the data folder (book/{name}.json): there is no comparison.")
    else:
        curve_difference = compare_curves(curves, book_curves)
        echo(
            f"Compared with the book over {curve_difference.epochs} epochs: "
            f"largest difference of a cost {curve_difference.max_cost_difference:.2g}, "
            f"accuracy counts that differ {curve_difference.differing_counts} of {2 * curve_difference.epochs}."
        )
    if json_file:
        write_json(json_file, curves.to_dict())
