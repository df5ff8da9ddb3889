"""Measures how time and memory grow with the network, mini-batch, examples and epochs."""

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

BASE_CONFIG = CASES[1].config  # 784-100-10, mini-batches of 10, L2
WIDTHS = (30, 100, 300, 1_000, 2_000)
BATCHES = (1, 3, 10, 30, 100, 300, 1_000)
EXAMPLES = (1_000, 10_000, 100_000, 1_000_000)
NARROW = 64  # inputs of the data with many examples; a million examples with 784 inputs need 3 GB
EPOCHS = (1, 2, 4, 8, 16)
SECONDS = 0.4  # of measurement for each size


def step_time(config: RunConfig, data: Dataset, rounds: int = 5) -> tuple[float, float]:
    """Return the median microseconds per update, and the megabytes of the run without its data."""
    selected = select(config, data)
    tracemalloc.start()
    training = Training(config, selected)
    training.run(3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    start = time.perf_counter()
    training.run(3)
    steps = max(3, round(SECONDS / rounds / ((time.perf_counter() - start) / 3)))
    times = []
    for _ in range(rounds):
        start, remaining = time.perf_counter(), steps
        while remaining > 0:
            remaining -= training.run(remaining)
            training.take_costs()
        times.append((time.perf_counter() - start) / steps * 1e6)
    return statistics.median(times), peak / 2**20


def epochs_time(epochs: int, data: Dataset) -> tuple[float, float]:
    """Return the seconds of a whole run with a measurement at every epoch, and its peak memory in megabytes."""
    config = replace(BASE_CONFIG, epochs=epochs)
    selected = select(config, data)

    def whole_run() -> None:
        training = Training(config, selected)
        while not training.finished:
            training.run(training.steps_per_epoch)
            training.end_epoch()
            training.take_costs()

    start = time.perf_counter()
    whole_run()
    seconds = time.perf_counter() - start
    tracemalloc.start()
    whole_run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return seconds, peak / 2**20


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the exponent of the growth: the least-squares slope in the log-log plane."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def measure_growth(print_line: Callable[[str], Any]) -> dict[str, Any]:
    """Vary one size at a time; the other sizes are those of `BASE_CONFIG`."""
    data = mnist_shaped()
    narrow_data = mnist_shaped(EXAMPLES[-1], NARROW)
    rows: dict[str, list[tuple[float, float, float]]] = {
        "hidden neurons": [(h, *step_time(replace(BASE_CONFIG, hidden=(h,)), data)) for h in WIDTHS],
        "mini-batch": [(m, *step_time(replace(BASE_CONFIG, mini_batch_size=m), data)) for m in BATCHES],
        f"examples, {NARROW} inputs": [
            (n, *step_time(replace(BASE_CONFIG, train_size=n), narrow_data)) for n in EXAMPLES
        ],
    }
    results: dict[str, Any] = {}
    for name, measurements in rows.items():
        sizes, times, memory = zip(*measurements, strict=True)
        larger_half = len(sizes) // 2  # at small sizes the overhead of calls dominates
        exponents = {
            "time_exponent": round(exponent(sizes, times), 2),
            "time_exponent_of_the_larger_half": round(exponent(sizes[larger_half:], times[larger_half:]), 2),
            "memory_exponent_of_the_larger_half": round(exponent(sizes[larger_half:], memory[larger_half:]), 2),
        }
        results[name] = {"sizes": sizes, "microseconds": times, "megabytes": memory, **exponents}
        print_line(f"{name}: " + ", ".join(f"{size:,}: {t:,.1f} µs {mb:.1f} MB" for size, t, mb in measurements))
        print_line(
            f"  time grows with the exponent {exponents['time_exponent']}, "
            f"{exponents['time_exponent_of_the_larger_half']} for the larger half"
        )
    seconds, memory = zip(*(epochs_time(epochs, data) for epochs in EPOCHS), strict=True)
    exponents = {
        "time_exponent": round(exponent(EPOCHS, seconds), 2),
        "memory_exponent": round(exponent(EPOCHS, memory), 2),
    }
    results["epochs"] = {"sizes": EPOCHS, "seconds": seconds, "megabytes": memory, **exponents}
    measurements = zip(EPOCHS, seconds, memory, strict=True)
    print_line("epochs: " + ", ".join(f"{epochs}: {t:.2f} s {mb:.1f} MB" for epochs, t, mb in measurements))
    print_line(
        f"  time grows with the exponent {exponents['time_exponent']}, memory with {exponents['memory_exponent']}"
    )
    return results
