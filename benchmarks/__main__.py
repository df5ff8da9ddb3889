"""Compares the speed of the engine with its matrix products and with other libraries.

    python -m benchmarks [--json FILE] [--picture FILE]

All contenders run in turns in one process on one core, so that noise of the machine affects all of them. The other
libraries are in the extra `peers`; libraries that are not installed are left out and listed.
"""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from benchmarks.cases import CASES, Case, mnist_shaped
from benchmarks.contenders import RunBatches, book_loop, engine_bare, engine_recorded, matrix_products_only
from benchmarks.measure import Timing, time_interleaved
from benchmarks.peers import PEERS
from benchmarks.scaling import measure_growth

REGSCOPE, RECORDED, FLOOR, BOOK = "Regscope", "Regscope, recorded", "floor", "the book's loop"


def make_contenders(case: Case, left_out: dict[str, str]) -> dict[str, RunBatches]:
    """Return the contenders of a case by name.

    Peers that are not installed are added to `left_out` with the reason.
    """
    data = mnist_shaped()
    runs: dict[str, RunBatches | None] = {
        REGSCOPE: engine_bare(case, data),
        RECORDED: engine_recorded(case, data),
        FLOOR: matrix_products_only(case, data),
        BOOK: book_loop(case, data),
    }
    for name, make in PEERS.items():
        try:
            runs[name] = make(case, data)
        except ImportError as error:
            left_out[name] = f"{error.name} is not installed" if error.name else str(error)
    return {name: run for name, run in runs.items() if run is not None}


def case_results(case: Case, timings: dict[str, Timing]) -> dict[str, Any]:
    """Return the results of a case; ratios are medians over the rounds."""
    regscope_timing = timings[REGSCOPE]
    peers = [name for name in PEERS if name in timings]
    results_by_name: dict[str, Any] = {
        "case": case.name,
        "microseconds": {name: round(timing.median, 1) for name, timing in timings.items()},
        "spread": {name: round(timing.spread, 3) for name, timing in timings.items()},
        "times_ours": {name: round(timing.median_ratio_to(regscope_timing), 3) for name, timing in timings.items()},
        "ours_over_floor": round(regscope_timing.median_ratio_to(timings[FLOOR]), 3),
        "recorded_speed": round(regscope_timing.median_ratio_to(timings[RECORDED]), 3),
        "wanted": {"against_peers": case.against_peers, "over_floor": case.over_floor},
    }
    if peers:
        fastest = min(peers, key=lambda name: timings[name].median)
        results_by_name["fastest_peer"] = fastest
        results_by_name["against_peers"] = round(timings[fastest].median_ratio_to(regscope_timing), 3)
    return results_by_name


def results_text(results_by_name: dict[str, Any]) -> str:
    """Return the results of a case as text for the terminal."""
    lines = [results_by_name["case"]]
    for name, microseconds in sorted(results_by_name["microseconds"].items(), key=lambda pair: pair[1]):
        spread, times = results_by_name["spread"][name], results_by_name["times_ours"][name]
        lines.append(f"  {name:22} {microseconds:11,.1f} µs  ± {spread:5.1%}  {times:7.2f} × ours")
    targets = results_by_name["wanted"]
    verdict = f"  time ÷ floor {results_by_name['ours_over_floor']:.2f} (target ≤ {targets['over_floor']})"
    if "fastest_peer" in results_by_name:
        peer, times = results_by_name["fastest_peer"], results_by_name["against_peers"]
        verdict += f"; {times:.2f} × as fast as {peer} (target ≥ {targets['against_peers']})"
    lines.append(f"{verdict}; recorded runs at {results_by_name['recorded_speed']:.2f} of the bare speed")
    return "\n".join(lines)


def machine_info() -> dict[str, Any]:
    """Return the processor and the versions of the libraries."""
    versions = {}
    for package in ("numpy", "scikit-learn", "torch", "jax"):
        with suppress(PackageNotFoundError):
            versions[package] = version(package)
    blas_libraries = [{key: each[key] for key in ("internal_api", "version")} for each in threadpool_info()]
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    model_names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": model_names[0] if model_names else platform.processor(),
        "cores": os.cpu_count(),
        "blas": blas_libraries,
        "versions": versions,
    }


def pin_to_one_core() -> None:
    """Pin the process to one core if the system supports it, so that libraries use one thread."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


@click.command()
@click.option("--rounds", default=9, help="Turns of each contender.", show_default=True)
@click.option("--only", default="", help="Only cases whose name contains this, such as 784-30.")
@click.option("--scaling/--no-scaling", default=True, help="Also measure how time and memory grow.", show_default=True)
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the results to this file."
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the results to this PNG file (needs Chromium).",
)
def main(rounds: int, only: str, scaling: bool, json_file: Path | None, picture: Path | None) -> None:
    """Print microseconds per mini-batch of the engine, its matrix products, the book's loop and other libraries."""
    cases = [case for case in CASES if only in case.name]
    if not cases:
        raise click.UsageError(f"--only {only} matches no case; the cases are {'; '.join(case.name for case in CASES)}")
    pin_to_one_core()
    left_out: dict[str, str] = {}
    results: dict[str, Any] = {"machine": machine_info()}
    with threadpool_limits(limits=1, user_api="blas"), np.errstate(over="ignore"):
        results["cases"] = []
        for case in cases:
            results_by_name = case_results(case, time_interleaved(make_contenders(case, left_out), rounds))
            results["cases"].append(results_by_name)
            click.echo(results_text(results_by_name))
        for name, why in left_out.items():
            click.echo(f"left out: {name}: {why} (pip install -e '.[peers]')")
        if scaling:
            results["scaling"] = measure_growth(click.echo)
    results["left_out"] = left_out
    if json_file:
        json_file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        click.echo(f"Written: {json_file}")
    if picture:
        from benchmarks.picture import write_picture  # imported here, because only the picture needs a browser

        write_picture(results["cases"], picture)
        click.echo(f"Written: {picture}")


if __name__ == "__main__":
    main()
