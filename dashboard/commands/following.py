"""Trains a headless run with a progress bar, warnings about the store, and a summary."""

from __future__ import annotations

import click

from dashboard.charts import numbers
from engine.runs.worker.headless import HeadlessRun


def follow(run: HeadlessRun) -> None:
    """Train to the end with a progress bar.

    Raises:
        Diverged: when a cost or a weight is not finite.
        KeyboardInterrupt: on Ctrl-C; all but the last second of training is saved.
    """
    warned = None
    training = run.training
    with click.progressbar(length=training.total_steps, label="training") as bar:
        bar.update(training.step)
        before = training.step
        try:
            for step in run.train():
                bar.update(step - before)
                before = step
                if run.save_error and run.save_error != warned:
                    warned = run.save_error
                    click.echo(f"\nWarning: this run is not saved: {warned}", err=True)
        except KeyboardInterrupt:
            if run.journal is not None and not run.save_error:
                click.echo(f"\nInterrupted. To continue: regscope runs resume {run.id}", err=True)
            raise


def summary(run: HeadlessRun) -> str:
    """Return the results of a run in one sentence."""
    last, config = run.snapshots[-1], run.training.current_config
    return (
        f"{last.epoch} epochs, {last.step:,} steps in {run.seconds:.2f} s: "
        f"training {numbers.percent(last.training.accuracy)}, "
        f"{config.evaluate_on} {numbers.percent(last.evaluation.accuracy)} of {last.evaluation.size:,}, "
        f"data cost {numbers.cost(last.training.cost)} and {numbers.cost(last.evaluation.cost)}, "
        f"penalty {numbers.cost(last.penalty)}."
    )
