"""Trains a headless run with a progress bar, checks its memory before, and describes its results."""

from __future__ import annotations

import click

from dashboard.charts import numbers
from dashboard.commands.output import echo
from engine.config import RunConfig
from engine.errors import format_bytes, format_duration
from engine.runs.resources import machine
from engine.runs.resources.estimate import LARGE_MEMORY, estimate
from engine.runs.resources.limits import check_memory, memory_warning
from engine.runs.worker.headless import HeadlessRun


def warn_or_refuse_memory(config: RunConfig, is_resumed: bool = False) -> None:
    """Print the memory and the disk space that a large run needs, with a warning if that is much of the free memory.

    Raises:
        FieldError: if it needs more than half of the free memory, or its data set is missing.
    """
    needs, free = estimate(config, is_resumed), machine.free_memory()
    check_memory([(config, needs.worker)], 0, free, needs.largest_field)
    if warning := memory_warning(config, needs.worker, free, needs.largest_field):
        echo(f"Warning: {warning}", err=True)
    elif needs.worker > LARGE_MEMORY:
        echo(f"Needs about {format_bytes(needs.worker)} of memory and {format_bytes(needs.disk)} of disk.", err=True)


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
        f"{last_snapshot.epoch} epochs, {last_snapshot.step:,} steps in {_computing_time(run.seconds)}: "
        f"training {numbers.percent(last_snapshot.training.accuracy)}, "
        f"{config.evaluate_on} {numbers.percent(last_snapshot.evaluation.accuracy)} "
        f"of {last_snapshot.evaluation.size:,}, "
        f"data cost {numbers.cost(last_snapshot.training.cost)} and {numbers.cost(last_snapshot.evaluation.cost)}, "
        f"penalty {numbers.cost(last_snapshot.penalty)}."
    )


def _computing_time(seconds: float) -> str:
    """Return a duration; in milliseconds if it has no tenth of a second."""
    return format_duration(seconds) if seconds >= 0.1 else f"{max(1.0, 1_000 * seconds):.0f} ms"
