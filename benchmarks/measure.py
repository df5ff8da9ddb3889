"""Interleaved measurements: each contender has a turn in every round, so noise affects all."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.contenders import RunBatches

TURN_SECONDS = 0.15  # duration of one turn
REST_SECONDS = 0.03  # pause before each turn


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

    def median_ratio_to(self, other: Timing) -> float:
        """Return the median over the rounds of the ratio to another timing."""
        return statistics.median(a / b for a, b in zip(self.rounds, other.rounds, strict=True))


def time_interleaved(
    runs: Mapping[str, RunBatches], rounds: int, turn_seconds: float = TURN_SECONDS
) -> dict[str, Timing]:
    """Measure every contender in every round, in random order."""
    counts = {name: _batches_per_turn(run, turn_seconds) for name, run in runs.items()}
    timings = {name: Timing() for name in runs}
    gc.collect()
    gc.freeze()  # as in a worker; otherwise each collection visits a million objects of other libraries
    order, shuffle = list(runs), random.Random(0).shuffle
    for _ in range(rounds):
        shuffle(order)
        for name in order:
            # wait for threads of the last contender, then refill the caches
            time.sleep(REST_SECONDS)
            runs[name](max(1, counts[name] // 10))
            start = time.perf_counter()
            runs[name](counts[name])
            timings[name].rounds.append((time.perf_counter() - start) / counts[name] * 1e6)
    return timings


def _batches_per_turn(run: RunBatches, turn_seconds: float) -> int:
    """Return the number of mini-batches in a turn. This also compiles the contender."""
    batches_per_call = getattr(run, "batches_per_call", 1)
    run(2 * batches_per_call)
    start = time.perf_counter()
    run(3 * batches_per_call)
    seconds = (time.perf_counter() - start) / 3
    return batches_per_call * max(2, round(turn_seconds / seconds))
