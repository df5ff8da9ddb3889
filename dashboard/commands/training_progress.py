"""Trains a headless run with a progress bar, and describes its results."""

from __future__ import annotations

import click

from dashboard.charts import numbers
from dashboard.commands.output import echo
from engine.runs.worker.headless import HeadlessRun


def train_with_progress(run: HeadlessRun) -> None:
    """Train to the end with a progress bar.

    Raises:
        Diverged: if a cost or a weight is not finite.
        KeyboardInterrupt: on Ctrl-C; all but the last second of training is saved.
    """
    shown_error = None
    training = run.training
    with click.progressbar(length=training.total_steps, label="training") as bar:
        bar.update(training.step)
        previous_step = training.step
        try:
            for step in run.train():
                bar.update(step - previous_step)
                previous_step = step
                if run.save_error and run.save_error != shown_error:
                    shown_error = run.save_error
                    echo(f"\nWarning: this run is not saved: {shown_error}", err=True)
        except KeyboardInterrupt:
            if run.journal is not None and not run.save_error:
                echo(f"\nInterrupted. To continue: regscope runs resume {run.id}", err=True)
            raise


def results_sentence(run: HeadlessRun) -> str:
    """Return the results of a run in one sentence."""
    last_snapshot, config = run.snapshots[-1], run.training.current_config
    return (
        f"{last_snapshot.epoch} epochs, {last_snapshot.step:,} steps in {run.seconds:.2f} s: "
        f"training {numbers.percent(last_snapshot.training.accuracy)}, "
        f"{config.evaluate_on} {numbers.percent(last_snapshot.evaluation.accuracy)} "
        f"of {last_snapshot.evaluation.size:,}, "
        f"data cost {numbers.cost(last_snapshot.training.cost)} and {numbers.cost(last_snapshot.evaluation.cost)}, "
        f"penalty {numbers.cost(last_snapshot.penalty)}."
    )
