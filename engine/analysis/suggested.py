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
MIN_GAIN = 0.5  # points, below which nobody sees a difference
MAX_SIZE_RATIO = 4.0  # between the number of examples and that of the measured case
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
        """Whether the gain is at least `MIN_GAIN`, and more than two standard errors above 0."""
        return self.gain >= MIN_GAIN and self.gain > 2 * self.error


Case = tuple[str, int, float]  # data set, training examples, share of wrong labels


@cache
def suggestions() -> Mapping[Case, Mapping[str, Suggestion]]:
    """Return the measured suggestions, by case and field: suggested.json, which the benchmark writes."""
    text = files("engine.analysis").joinpath("suggested.json").read_text(encoding="utf-8")
    table: dict[Case, dict[str, Suggestion]] = {}
    for row in json.loads(text):
        case = row["dataset"], row["train_size"], row["label_noise"]
        table.setdefault(case, {})[row["field"]] = Suggestion(row["strength"], row["gain"], row["error"])
    return table


def suggestion(config: RunConfig, field: str, train_size: int) -> Suggestion | None:
    """Return the suggested strength of a regularizer for the data of a config; None if nothing like it was measured.

    Args:
        config: its data set and share of wrong labels count. field: one of `FIELDS`.
        train_size: the number of training examples in use.
    """
    case = suggested_case(config, train_size)
    return suggestions()[case].get(field) if case else None


def suggested_case(config: RunConfig, train_size: int) -> Case | None:
    """Return the measured case of the same data set that is nearest in size and share of wrong labels.

    Sets of the kind of MNIST count as MNIST. The best λ of L2 on the digits was about the same for a hundred and for a
    thousand examples, so a λ is not changed with their number; far from the measured sizes there is no case.
    """
    name = "mnist" if config.dataset in MNIST_FAMILY else config.dataset
    cases = [case for case in suggestions() if case[0] == name and _is_near(case[1], train_size)]

    def distance(case: Case) -> float:
        return abs(math.log2(case[1] / train_size)) + 10 * abs(case[2] - config.label_noise)

    return min(cases, key=distance, default=None)


def _is_near(first: int, second: int) -> bool:
    return min(first, second) * MAX_SIZE_RATIO >= max(first, second)


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
