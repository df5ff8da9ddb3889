"""A Python program of about ten lines that makes a run again with the engine, to the last digit."""

from __future__ import annotations

from collections.abc import Sequence

from engine.config import RunConfig
from engine.learning.checkpoint import Change


def program(config: RunConfig, changes: Sequence[Change] = (), step: int | None = None) -> str:
    """The text of the program.

    It is made of `repr` of checked values alone, so whatever a data set is called, it is a string in it and no code.
    The same digits come of the same numbers of threads: the program asks for one, as runs of this size have.

    Args:
        config: the run, as it began. changes: made while it trained.
        step: the update to stop at; the run's end when left out.
    """
    default = RunConfig().to_dict()
    said = {name: value for name, value in config.to_dict().items() if value != default[name]}
    fields = ", ".join(f"{name}={value!r}" for name, value in said.items())
    made = ", ".join(f"Change({change.step!r}, {dict(change.fields)!r})" for change in changes)
    until = "" if step is None else f"\n    if training.step + training.steps_per_epoch > {step!r}:\n        break"
    rest = "" if step is None else f"\nwhile training.step < {step!r}:\n    training.run({step!r} - training.step)"
    return (
        "import os\n\n"
        'os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded: more threads add in another order\n'
        f"from engine import {'Change, ' if changes else ''}RunConfig, Training, dataset_of, select\n\n"
        f"config = RunConfig({fields})\n"
        f"training = Training(config, select(config, dataset_of(config)){f', changes=[{made}]' if changes else ''})\n"
        f"while not training.finished:{until}\n"
        "    training.run(training.steps_per_epoch)\n"
        f"    training.end_epoch(){rest}\n"
        "last = training.measure()\n"
        "print(training.step, repr(last.training.cost), repr(last.judge.cost))\n"
    )
