"""The growth of time and memory with the network, the mini-batch, the examples and the epochs."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.cases import CASES, mnist_shaped
from engine import RunConfig, Training, select
from engine.data.dataset import Dataset

PLAIN = CASES[1].config  # 784-100-10, mini-batches of 10, L2
WIDTHS = (30, 100, 300, 1_000, 2_000)
BATCHES = (1, 3, 10, 30, 100, 300, 1_000)
EXAMPLES = (1_000, 10_000, 100_000, 1_000_000)
NARROW = 64  # inputs for many examples: a million with 784 inputs would take 3 GB
EPOCHS = (1, 2, 4, 8, 16)
SECONDS = 0.4


def step_time(config: RunConfig, data: Dataset, rounds: int = 5) -> tuple[float, float]:
    """Return the median microseconds per update, and the megabytes of the run without its data."""
    selected = select(config, data)
    tracemalloc.start()
    training = Training(config, selected)
    training.run(3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    began = time.perf_counter()
    training.run(3)
    steps = max(3, round(SECONDS / rounds / ((time.perf_counter() - began) / 3)))
    times = []
    for _ in range(rounds):
        began, left = time.perf_counter(), steps
        while left > 0:
            left -= training.run(left)
            training.take_costs()
        times.append((time.perf_counter() - began) / steps * 1e6)
    return statistics.median(times), peak / 2**20


def epochs_time(epochs: int, data: Dataset) -> tuple[float, float]:
    """Return the seconds of a whole run with a measurement at every epoch, and its peak memory in megabytes."""
    config = replace(PLAIN, epochs=epochs)
    selected = select(config, data)

    def whole_run() -> None:
        training = Training(config, selected)
        while not training.finished:
            training.run(training.steps_per_epoch)
            training.end_epoch()
            training.take_costs()

    began = time.perf_counter()
    whole_run()
    seconds = time.perf_counter() - began
    tracemalloc.start()
    whole_run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return seconds, peak / 2**20


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the exponent of the growth: the least-squares slope in the log-log plane."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def growth(say: Callable[[str], Any]) -> dict[str, Any]:
    """Measure one dimension at a time; the others stay at 784-100-10, mini-batches of 10, L2."""
    few = mnist_shaped()
    narrow = mnist_shaped(EXAMPLES[-1], NARROW)
    rows: dict[str, list[tuple[float, float, float]]] = {
        "hidden neurons": [(h, *step_time(replace(PLAIN, hidden=(h,)), few)) for h in WIDTHS],
        "mini-batch": [(m, *step_time(replace(PLAIN, mini_batch_size=m), few)) for m in BATCHES],
        f"examples, {NARROW} inputs": [(n, *step_time(replace(PLAIN, train_size=n), narrow)) for n in EXAMPLES],
    }
    results: dict[str, Any] = {}
    for name, measured in rows.items():
        sizes, times, memory = zip(*measured, strict=True)
        large = len(sizes) // 2  # at small sizes the overhead of calls dominates
        law = {
            "time_exponent": round(exponent(sizes, times), 2),
            "time_exponent_of_the_larger_half": round(exponent(sizes[large:], times[large:]), 2),
            "memory_exponent_of_the_larger_half": round(exponent(sizes[large:], memory[large:]), 2),
        }
        results[name] = {"sizes": sizes, "microseconds": times, "megabytes": memory, **law}
        say(f"{name}: " + ", ".join(f"{size:,}: {t:,.1f} µs {mb:.1f} MB" for size, t, mb in measured))
        say(f"  time grows as its power {law['time_exponent']}, {law['time_exponent_of_the_larger_half']} at the top")
    seconds, memory = zip(*(epochs_time(epochs, few) for epochs in EPOCHS), strict=True)
    law = {"time_exponent": round(exponent(EPOCHS, seconds), 2), "memory_exponent": round(exponent(EPOCHS, memory), 2)}
    results["epochs"] = {"sizes": EPOCHS, "seconds": seconds, "megabytes": memory, **law}
    measured = zip(EPOCHS, seconds, memory, strict=True)
    say("epochs: " + ", ".join(f"{epochs}: {t:.2f} s {mb:.1f} MB" for epochs, t, mb in measured))
    say(f"  time grows as its power {law['time_exponent']}, memory as {law['memory_exponent']}")
    return results
