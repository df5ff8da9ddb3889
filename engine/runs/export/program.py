"""A short Python program that repeats a run with the engine, to the last digit."""

from __future__ import annotations

from collections.abc import Sequence

from engine.config import RunConfig
from engine.learning.checkpoint import Change

MAX_LINE_LENGTH = 100  # characters


def program(config: RunConfig, changes: Sequence[Change] = (), step: int | None = None) -> str:
    """Return the text of the program.

    It sets every field, so it repeats the run also with a later version that has other defaults. Only the `repr` of
    checked values is written, so a data set's name is a string in it and never code. The digits are the same only
    with the same number of threads: the program sets one.

    Args:
        config: the initial config. changes: made while the run trained.
        step: the update to stop at; the end of the run when left out.
    """
    made = ", ".join(f"Change({change.step!r}, {dict(change.fields)!r})" for change in changes)
    until = "" if step is None else f"\n    if training.step + training.steps_per_epoch > {step!r}:\n        break"
    rest = "" if step is None else f"\nwhile training.step < {step!r}:\n    training.run({step!r} - training.step)"
    return (
        "import os\n\n"
        'os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded: more threads add in another order\n'
        f"from engine import {'Change, ' if changes else ''}RunConfig, Training, dataset_of, select\n\n"
        f"config = RunConfig(\n{_fields(config)})\n"
        f"training = Training(config, select(config, dataset_of(config)){f', changes=[{made}]' if changes else ''})\n"
        f"while not training.finished:{until}\n"
        "    training.run(training.steps_per_epoch)\n"
        f"    training.end_epoch(){rest}\n"
        "last = training.measure()\n"
        "print(training.step, repr(last.training.cost), repr(last.evaluation.cost))\n"
    )


def _fields(config: RunConfig) -> str:
    """Return every field as an argument, a few on each line."""
    lines = [""]
    for name, value in config.to_dict().items():
        argument = f"{name}={value!r},"
        if lines[-1] and len(lines[-1]) + len(argument) > MAX_LINE_LENGTH:
            lines.append("")
        lines[-1] += f" {argument}" if lines[-1] else f"    {argument}"
    return "".join(f"{line}\n" for line in lines)
