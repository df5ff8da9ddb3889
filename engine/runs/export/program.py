"""Exports a run as a short Python program that repeats it exactly."""

from __future__ import annotations

from collections.abc import Sequence

from engine.config import RunConfig
from engine.learning.checkpoint import Change

MAX_LINE_LENGTH = 100  # characters


def program_text(config: RunConfig, changes: Sequence[Change] = (), step: int | None = None) -> str:
    """Return the text of the program.

    The program sets every field, so that it repeats the run with later versions, which may have other defaults.
    It contains only the `repr` of checked values: the name of a data set is a string and never code. Results
    depend on the number of threads in their last digits, so the program sets one thread.

    Args:
        config: the initial config. changes: the changes made while the run trained.
        step: the update to stop at; by default the end of the run.
    """
    changes_text = ", ".join(f"Change({change.step!r}, {dict(change.fields)!r})" for change in changes)
    changes_argument = f", changes=[{changes_text}]" if changes else ""
    stop_condition = (
        "" if step is None else f"\n    if training.step + training.steps_per_epoch > {step!r}:\n        break"
    )
    remaining_updates = (
        "" if step is None else f"\nwhile training.step < {step!r}:\n    training.run({step!r} - training.step)"
    )
    return (
        "import os\n\n"
        'os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded: more threads change the order of sums\n'
        f"from engine import {'Change, ' if changes else ''}RunConfig, Training, dataset_of, select\n\n"
        f"config = RunConfig(\n{_fields(config)})\n"
        f"training = Training(config, select(config, dataset_of(config)){changes_argument})\n"
        f"while not training.finished:{stop_condition}\n"
        "    training.run(training.steps_per_epoch)\n"
        f"    training.end_epoch(){remaining_updates}\n"
        "last = training.measure()\n"
        "print(training.step, repr(last.training.cost), repr(last.evaluation.cost))\n"
    )


def _fields(config: RunConfig) -> str:
    """Return every field as a keyword argument, wrapped at `MAX_LINE_LENGTH`."""
    lines = [""]
    for name, value in config.to_dict().items():
        argument = f"{name}={value!r},"
        if lines[-1] and len(lines[-1]) + len(argument) > MAX_LINE_LENGTH:
            lines.append("")
        lines[-1] += f" {argument}" if lines[-1] else f"    {argument}"
    return "".join(f"{line}\n" for line in lines)
