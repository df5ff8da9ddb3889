"""`regscope train`: a headless run, from options or a config file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import click
from threadpoolctl import threadpool_limits

from dashboard.commands.following import follow, in_words
from dashboard.commands.output import errors_in_words, json_option, write_json
from engine import FieldError, RunConfig, dataset_names, warnings
from engine.data import PLANAR
from engine.families.activations import ACTIVATIONS
from engine.families.costs import COSTS
from engine.families.initializers import INITIALIZERS
from engine.families.penalties import L1_RULES
from engine.runs.export.weights import save_weights
from engine.runs.store.database import store_path
from engine.runs.worker.headless import Headless

# Headless, nothing is corrupted, dropped or penalized unless somebody says so.
PLAIN: dict[str, Any] = {"train_size": None, "label_noise": 0.0, "l2": 0.0, "drop_probability": 0.0}


def _hidden(context: click.Context, parameter: click.Parameter, text: str | None) -> list[int] | None:
    if text is None:
        return None
    try:
        return [int(width) for width in text.split(",") if width.strip()]
    except ValueError:
        raise click.BadParameter(f"{text!r} must be whole numbers with commas between, as 30,30") from None


@click.command()
@click.option("--config", "config_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="A run's config as JSON or TOML; options given beside it win.")  # fmt: skip
@click.option("--dataset", metavar="NAME",
              help=f"{', '.join([*dataset_names(), *PLANAR])}, or own:… for yours; digits when left out.")  # fmt: skip
@click.option("--train-size", type=int, help="The number of training examples; all when left out.")
@click.option("--validation-share", type=float, help="The share of the examples that validates, 0.01 to 0.9.")
@click.option("--label-noise", type=float, help="The share of training labels to corrupt, 0 to 0.5.")
@click.option("--pixel-noise", type=float, help="Noise on the training inputs: its standard deviation, 0 to 1.")
@click.option("--data-noise", type=float, help="Noise of a generated set: its standard deviation, 0 to 0.5.")
@click.option("--blob-classes", type=int, help="The number of blobs, 2 to 6.")
@click.option("--hidden", callback=_hidden, metavar="WIDTHS", help="Neurons of each hidden layer, as 30,30.")
@click.option("--activation", type=click.Choice(list(ACTIVATIONS)))
@click.option("--cost", type=click.Choice(list(COSTS)))
@click.option("--initializer", type=click.Choice(list(INITIALIZERS)))
@click.option("--l2", type=float, help="λ of L2; with --l1 it is the elastic net.")
@click.option("--l1", type=float, help="λ of L1.")
@click.option("--l1-rule", type=click.Choice(L1_RULES), help="The chapter's is subgradient.")
@click.option("--drop", "drop_probability", type=float, help="The share of hidden neurons to drop.")
@click.option("--input-drop", "input_drop_probability", type=float, help="The share of inputs to drop.")
@click.option("--max-norm", type=float, help="The largest norm of a hidden neuron's incoming weights.")
@click.option("--eta", "learning_rate", type=float, help="The learning rate η.")
@click.option("--batch-size", "mini_batch_size", type=int, help="Examples in a mini-batch.")
@click.option("--epochs", type=int)
@click.option("--seed", type=int)
@click.option("--dtype", type=click.Choice(["float32", "float64"]))
@click.option("--evaluate-on", type=click.Choice(["validation", "test"]))
@click.option("--expand/--no-expand", default=None, help="Add every image shifted by a pixel in four directions.")
@click.option("--stop-on", type=click.Choice(["never", "accuracy", "cost"]), help="Stop early by the judge's …")
@click.option("--patience", type=int, help="… when it has not improved for so many epochs.")
@click.option("--halve-after", type=int, help="Halve η when so many epochs bring nothing better.")
@click.option("--max-halvings", type=int, help="Stop instead of halving once more than this.")
@click.option("--weights", "weights_file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write the weights as .npz or .safetensors; the best epoch's where it stops early.")  # fmt: skip
@click.option("--name", default="", help="What to call the run in the list of runs.")
@click.option("--store/--no-store", "stored", default=True, help="Keep the run, for `regscope runs` and the page.")
@json_option
def train(
    config_file: Path | None, json_file: Path | None, weights_file: Path | None, name: str, stored: bool, **options: Any
) -> None:
    """Train one network, with a progress bar and no page.

    Nothing is corrupted, dropped or penalized unless you say so. The run is kept, and can be looked at in the page.
    """
    with errors_in_words(), threadpool_limits(limits=1, user_api="blas"):
        given = {name: value for name, value in options.items() if value is not None}
        config = RunConfig.from_dict({**PLAIN, **_read(config_file), **given})
        run = Headless(config, store_path() if stored else None, name=name)
        training = run.training
        for warning in warnings(config, training.data.n, training.data.dataset.features):
            click.echo(f"Warning: {warning}", err=True)
        follow(run)
        if weights_file:
            save_weights(weights_file, training.best_parameters, training.current_config)
    ended = training.early_stopping
    if ended.stopped:
        click.echo(f"Stopped early: {ended.stopped}; the best epoch was {ended.best_epoch}.")
    click.echo(in_words(run))
    if json_file:
        write_json(
            json_file,
            {
                "config": config.to_dict(),
                "epochs": [snapshot.to_dict() for snapshot in run.snapshots],
                "steps": training.step,
                "training_seconds": run.update_seconds,
                "measuring_seconds": run.measuring_seconds,
            },
        )


def _read(path: Path | None) -> dict[str, Any]:
    """The table in a config file. Raises `FieldError`."""
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:
        raise FieldError("--config", f"{path} must be a table in JSON or TOML: {error}") from error
    if not isinstance(found, dict):
        raise FieldError("--config", f"{path} must be a table of fields and values, got {type(found).__name__}")
    # what `regscope train --json` wrote is a config file, too
    inner = found.get("config", found)
    if isinstance(about := found.get("about"), dict):  # and what `regscope runs export` wrote
        inner = about.get("config")
    return dict(inner) if isinstance(inner, dict) else {"config": inner}
