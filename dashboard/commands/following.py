"""A headless run on its way: a progress bar, what the store says, and its end in words."""

from __future__ import annotations

import click

from dashboard.charts import numbers
from engine.runs.worker.headless import Headless


def follow(run: Headless) -> None:
    """Train to the end with a progress bar.

    Raises:
        Diverged: as training does. click.Abort: by Ctrl-C; all but the last second is kept then.
    """
    told = None
    training = run.training
    with click.progressbar(length=training.total_steps, label="training") as bar:
        bar.update(training.step)
        before = training.step
        try:
            for step in run.train():
                bar.update(step - before)
                before = step
                if run.unsaved and run.unsaved != told:
                    told = run.unsaved
                    click.echo(f"\nWarning: this run is not saved: {told}", err=True)
        except KeyboardInterrupt:
            if run.journal is not None and not run.unsaved:
                click.echo(f"\nInterrupted. To go on: regscope runs resume {run.id}", err=True)
            raise


def in_words(run: Headless) -> str:
    """What a run has come to, in one sentence."""
    last, config = run.snapshots[-1], run.training.current_config
    return (
        f"{last.epoch} epochs, {last.step:,} steps in {run.seconds:.2f} s: "
        f"training {numbers.percent(last.training.accuracy)}, "
        f"{config.evaluate_on} {numbers.percent(last.judge.accuracy)} of {last.judge.size:,}, "
        f"data cost {numbers.cost(last.training.cost)} and {numbers.cost(last.judge.cost)}, "
        f"penalty {numbers.cost(last.penalty)}."
    )
