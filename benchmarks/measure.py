"""Interleaved measurements: each contender has a turn in every round, so noise affects all of them."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.contenders import Run

TURN = 0.15  # seconds of one turn
SETTLE = 0.03  # seconds of rest before it


@dataclass
class Timing:
    """Microseconds per mini-batch in each round."""

    rounds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        """Half the interquartile range, as a share of the median."""
        low, _, high = statistics.quantiles(self.rounds, n=4) if len(self.rounds) > 1 else (self.median,) * 3
        return (high - low) / 2 / self.median

    def over(self, other: Timing) -> float:
        """Return the median ratio to another timing in the same rounds."""
        return statistics.median(a / b for a, b in zip(self.rounds, other.rounds, strict=True))


def interleaved(runs: Mapping[str, Run], rounds: int, turn: float = TURN) -> dict[str, Timing]:
    """Time every run in every round, in a random order."""
    counts = {name: _calibrated(run, turn) for name, run in runs.items()}
    timings = {name: Timing() for name in runs}
    gc.collect()
    gc.freeze()  # as in a worker: otherwise the collector visits a million objects of other libraries again and again
    order, shuffle = list(runs), random.Random(0).shuffle
    for _ in range(rounds):
        shuffle(order)
        for name in order:
            # threads of another library may still spin, and its data fill the caches
            time.sleep(SETTLE)
            runs[name](max(1, counts[name] // 10))
            began = time.perf_counter()
            runs[name](counts[name])
            timings[name].rounds.append((time.perf_counter() - began) / counts[name] * 1e6)
    return timings


def _calibrated(run: Run, turn: float) -> int:
    """Return the number of mini-batches of a turn; this also warms up and compiles everything."""
    unit = getattr(run, "unit", 1)
    run(2 * unit)
    began = time.perf_counter()
    run(3 * unit)
    seconds = (time.perf_counter() - began) / 3
    return unit * max(2, round(turn / seconds))
