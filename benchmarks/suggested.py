"""Measures which strength of each regularizer suits a data set: engine/analysis/suggested.json.

    python -m benchmarks.suggested                       # the table's rows, a minute or more each
    python -m benchmarks.suggested --only digits --seeds 5 --json FILE
    python -m benchmarks.suggested --write       # also replace the suggestions

For each data set, size and share of wrong labels, every strength trains on the same seeds as the run without a
regularizer. Shown is the mean accuracy on the validation set at the end, and the difference to the run without, with
its standard error.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import click

from engine import RunConfig, dataset_of, select, train
from engine.analysis.suggested import TIE
from engine.data.catalogue import demo_config

SUGGESTIONS = Path(__file__).parents[1] / "engine" / "analysis" / "suggested.json"

# data set, training examples, share of wrong labels, field, strength, mean accuracy in percent, gain, its error
Result = tuple[str, int, float, str, float, float, float, float]

# data set, training examples, share of wrong labels
CASES: tuple[tuple[str, int, float], ...] = (
    ("digits", 500, 0.3),
    ("spirals", 200, 0.1),
    ("moons", 200, 0.1),
    ("circles", 200, 0.1),
    ("xor", 200, 0.1),
    ("blobs", 200, 0.1),
    ("digits", 500, 0.0),
    ("digits", 100, 0.3),
    ("digits", 1297, 0.3),
    ("mnist", 1000, 0.3),
    ("mnist", 1000, 0.0),
)
STRENGTHS: dict[str, tuple[float, ...]] = {
    "l2": (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    "l1": (0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
    "group_lasso": (0.05, 0.1, 0.2, 0.5, 1.0, 2.0),
    "drop_probability": (0.1, 0.2, 0.35, 0.5, 0.65),
}

# A run on MNIST takes ten times as long, so the list is shorter.
MNIST_STRENGTHS: dict[str, tuple[float, ...]] = {
    "l2": (0.5, 1.0, 2.0, 5.0),
    "l1": (0.05, 0.1, 0.2, 0.5),
    "group_lasso": (0.1, 0.2, 0.5),
    "drop_probability": (0.2, 0.35, 0.5),
}


def plain_config(dataset: str, train_size: int, label_noise: float) -> RunConfig:
    """Return the demonstration of a data set without a regularizer."""
    config = demo_config(dataset)
    off = {"l2": 0.0, "l1": 0.0, "group_lasso": 0.0, "drop_probability": 0.0}
    return replace(config, train_size=train_size, label_noise=label_noise, **off)


def end_accuracies(config: RunConfig, seeds: int) -> list[float]:
    """Return the accuracy on the validation set at the end of training, for seeds 1, 2, …"""
    accuracies = []
    for seed in range(1, seeds + 1):
        seeded = replace(config, seed=seed)
        *_, last = train(seeded, select(seeded, dataset_of(seeded)))
        accuracies.append(last.evaluation.accuracy)
    return accuracies


def compared(plain: list[float], other: list[float]) -> tuple[float, float, float]:
    """Return the mean accuracy, the mean difference to the plain run, and its standard error, in percent."""
    differences = [100 * (b - a) for a, b in zip(plain, other, strict=True)]
    error = statistics.stdev(differences) / len(differences) ** 0.5 if len(differences) > 1 else 0.0
    return 100 * statistics.mean(other), statistics.mean(differences), error


@click.command(help=__doc__)
@click.option("--only", help="Measure one data set only.")
@click.option("--seeds", default=5, show_default=True)
@click.option("--write", is_flag=True, help="Replace the suggestions of the engine.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the results to this file, too.")
def main(only: str | None, seeds: int, write: bool, path: Path | None) -> None:
    if only and write:
        raise click.UsageError("--write replaces all suggestions: leave --only out")
    results: list[Result] = []
    for dataset, train_size, label_noise in CASES:
        if only and dataset != only:
            continue
        plain_run = plain_config(dataset, train_size, label_noise)
        plain = end_accuracies(plain_run, seeds)
        click.echo(
            f"{dataset}, {train_size} examples, {label_noise:.0%} wrong: none {100 * statistics.mean(plain):.1f}"
        )
        for field, strengths in (MNIST_STRENGTHS if dataset == "mnist" else STRENGTHS).items():
            for strength in strengths:
                mean, gain, error = compared(plain, end_accuracies(replace(plain_run, **{field: strength}), seeds))
                results.append((dataset, train_size, label_noise, field, strength, mean, gain, error))
                click.echo(f"  {field} {strength:g}: {mean:.1f} ({gain:+.1f} ± {error:.1f})")
                if path:
                    path.write_text(json.dumps(results))
    if write:
        SUGGESTIONS.write_text("[\n" + ",\n".join(map(json.dumps, suggestion_rows(results))) + "\n]\n")


def suggestion_rows(results: Sequence[Result]) -> list[dict[str, object]]:
    """Return the rows of suggested.json: the suggested strength of each case and field."""
    rows = []
    for (dataset, train_size, label_noise, field), found in groupby(results, key=lambda result: tuple(result[:4])):
        *_, strength, _, gain, error = suggested(list(found))
        case = {"dataset": dataset, "train_size": train_size, "label_noise": label_noise, "field": field}
        rows.append({**case, "strength": strength, "gain": round(gain, 1), "error": round(error, 1)})
    return rows


def suggested(results: Sequence[Result]) -> Result:
    """Return the weakest of the strengths that bring as much as the best, see `TIE`."""
    best = max(gain for *_, gain, _ in results)
    return min((result for result in results if result[6] >= best - TIE), key=lambda result: result[4])


if __name__ == "__main__":
    main()
