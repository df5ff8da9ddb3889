"""Suggested strengths of regularizers, measured on the bundled data sets.

`python -m benchmarks.suggested` measures them: for each data set, size and share of wrong labels, it trains the
demonstration without a regularizer and with one of several strengths, on the seeds 1 to 5. Of the strengths whose mean
accuracy on the validation set is within `TIE` of the best, the weakest is suggested. docs/suggested.md has the table.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from engine.config import RunConfig
from engine.data.catalogue import demo_config
from engine.data.mnist_family import SETS as MNIST_FAMILY
from engine.families.penalties import PENALTIES

TIE = 0.7  # points; the standard error of the mean of five seeds is as large
ROUND_STEPS = (1.0, 2.0, 5.0, 10.0)
DROPOUT = "drop_probability"
FIELDS = (*(field for field, member in PENALTIES.items() if member.demo_strength is not None), DROPOUT)


@dataclass(frozen=True)
class Suggestion:
    """A suggested strength of a regularizer, and what it brought where it was measured.

    Attributes:
        strength: λ, or the share of dropped neurons.
        gain: accuracy on the validation set at the end minus that of the run without, in points; mean of five seeds.
        error: the standard error of `gain`.
    """

    strength: float
    gain: float
    error: float

    @property
    def helps(self) -> bool:
        """Whether the gain is more than two standard errors above 0."""
        return self.gain > 2 * self.error


Case = tuple[str, int, float]  # data set, training examples, share of wrong labels


@cache
def suggestions() -> Mapping[Case, Mapping[str, Suggestion]]:
    """Return the measured suggestions, by case and field: suggested.json, which the benchmark writes."""
    text = files("engine").joinpath("suggested.json").read_text(encoding="utf-8")
    table: dict[Case, dict[str, Suggestion]] = {}
    for row in json.loads(text):
        case = row["dataset"], row["train_size"], row["label_noise"]
        table.setdefault(case, {})[row["field"]] = Suggestion(row["strength"], row["gain"], row["error"])
    return table


def suggestion(config: RunConfig, field: str, train_size: int) -> Suggestion | None:
    """Return the suggested strength of a regularizer for the data of a config; None if nothing like it was measured.

    The measured case of the data set with the nearest size and share of wrong labels counts. A λ is divided by n in the
    cost, so it grows with the number of examples. Sets of the kind of MNIST count as MNIST.

    Args:
        config: its data set and share of wrong labels count. field: one of `FIELDS`.
        train_size: the number of training examples in use.
    """
    name = "mnist" if config.dataset in MNIST_FAMILY else config.dataset
    cases = [case for case in suggestions() if case[0] == name]
    if not cases or train_size < 1:
        return None
    case = min(cases, key=lambda case: abs(math.log2(case[1] / train_size)) + 10 * abs(case[2] - config.label_noise))
    measured = suggestions()[case].get(field)
    if measured is None or field == DROPOUT:
        return measured
    return replace(measured, strength=_rounded(measured.strength * train_size / case[1]))


def suited_config(name: str) -> RunConfig:
    """Return the demonstration of a data set with the single regularizer that brings most there."""
    demo = demo_config(name)
    plain: dict[str, Any] = dict.fromkeys(FIELDS, 0.0)
    train_size = demo.train_size or 0
    found = {field: suggested for field in FIELDS if (suggested := suggestion(demo, field, train_size))}
    if not found:
        return demo
    best = max(found, key=lambda field: found[field].gain)
    return replace(demo, **{**plain, best: found[best].strength})


def _rounded(strength: float) -> float:
    """Return the nearest of 1, 2 and 5 times a power of ten, by ratio."""
    power = 10.0 ** math.floor(math.log10(strength))
    step = min(ROUND_STEPS, key=lambda step: abs(math.log(strength / (step * power))))
    return float(f"{step * power:.6g}")
