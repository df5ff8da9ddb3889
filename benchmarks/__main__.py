"""The engine against the floor and its peers: `python -m benchmarks [--json FILE] [--picture FILE]`.

Everything runs in one process on one core, in turns, so that a noisy machine disturbs all alike.
Peers come from the extra `peers`; those not installed are left out and named.
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
from benchmarks.contenders import Run, book_loop, engine_bare, engine_recorded, floor
from benchmarks.measure import Timing, interleaved
from benchmarks.peers import PEERS
from benchmarks.scaling import growth

OURS, RECORDED, FLOOR, BOOK = "Regscope", "Regscope, recorded", "floor", "the book's loop"


def contenders(case: Case, left_out: dict[str, str]) -> dict[str, Run]:
    """Return the contenders of a case by name, ready to run."""
    data = mnist_shaped()
    made: dict[str, Run | None] = {
        OURS: engine_bare(case, data),
        RECORDED: engine_recorded(case, data),
        FLOOR: floor(case, data),
        BOOK: book_loop(case, data),
    }
    for name, make in PEERS.items():
        try:
            made[name] = make(case, data)
        except ImportError as error:
            left_out[name] = f"{error.name} is not installed" if error.name else str(error)
    return {name: run for name, run in made.items() if run is not None}


def findings(case: Case, timings: dict[str, Timing]) -> dict[str, Any]:
    """Return the results of a case, with the ratios of the same rounds."""
    ours = timings[OURS]
    peers = [name for name in PEERS if name in timings]
    found: dict[str, Any] = {
        "case": case.name,
        "microseconds": {name: round(timing.median, 1) for name, timing in timings.items()},
        "spread": {name: round(timing.spread, 3) for name, timing in timings.items()},
        "times_ours": {name: round(timing.over(ours), 3) for name, timing in timings.items()},
        "ours_over_floor": round(ours.over(timings[FLOOR]), 3),
        "recorded_speed": round(ours.over(timings[RECORDED]), 3),
        "wanted": {"against_peers": case.against_peers, "over_floor": case.over_floor},
    }
    if peers:
        fastest = min(peers, key=lambda name: timings[name].median)
        found["fastest_peer"] = fastest
        found["against_peers"] = round(timings[fastest].over(ours), 3)
    return found


def table(found: dict[str, Any]) -> str:
    """Return the results of a case as lines for the terminal."""
    lines = [found["case"]]
    for name, microseconds in sorted(found["microseconds"].items(), key=lambda pair: pair[1]):
        spread, times = found["spread"][name], found["times_ours"][name]
        lines.append(f"  {name:22} {microseconds:11,.1f} µs  ± {spread:5.1%}  {times:7.2f} × ours")
    wanted = found["wanted"]
    verdict = f"  time ÷ floor {found['ours_over_floor']:.2f} (wanted ≤ {wanted['over_floor']})"
    if "fastest_peer" in found:
        peer, times = found["fastest_peer"], found["against_peers"]
        verdict += f"; {times:.2f} × as fast as {peer} (wanted ≥ {wanted['against_peers']})"
    lines.append(f"{verdict}; recorded runs at {found['recorded_speed']:.2f} of the bare speed")
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """Return the processor and the versions that the results depend on."""
    versions = {}
    for package in ("numpy", "scikit-learn", "torch", "jax"):
        with suppress(PackageNotFoundError):
            versions[package] = version(package)
    blas = [{key: each[key] for key in ("internal_api", "version")} for each in threadpool_info()]
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "blas": blas,
        "versions": versions,
    }


def on_one_core() -> None:
    """Pin the process to one core if the system can, so that every library uses one thread."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


@click.command()
@click.option("--rounds", default=9, help="Turns of everyone.", show_default=True)
@click.option("--only", default="", help="Only cases whose name contains this, such as 784-30.")
@click.option("--scaling/--no-scaling", default=True, help="Also measure how time and memory grow.", show_default=True)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
@click.option(
    "--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw them here, as PNG (needs Chromium)."
)
def main(rounds: int, only: str, scaling: bool, json_file: Path | None, picture: Path | None) -> None:
    """Print microseconds per mini-batch: this engine, the matrix products, the book's loop and other engines."""
    cases = [case for case in CASES if only in case.name]
    if not cases:
        raise click.UsageError(f"--only {only} fits no case: they are {'; '.join(case.name for case in CASES)}")
    on_one_core()
    left_out: dict[str, str] = {}
    results: dict[str, Any] = {"machine": machine()}
    with threadpool_limits(limits=1, user_api="blas"), np.errstate(over="ignore"):
        results["cases"] = []
        for case in cases:
            found = findings(case, interleaved(contenders(case, left_out), rounds))
            results["cases"].append(found)
            click.echo(table(found))
        for name, why in left_out.items():
            click.echo(f"left out: {name}: {why} (pip install -e '.[peers]')")
        if scaling:
            results["scaling"] = growth(click.echo)
    results["left_out"] = left_out
    if json_file:
        json_file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        click.echo(f"Written: {json_file}")
    if picture:
        from benchmarks.picture import draw  # here, because only the picture needs a browser

        draw(results["cases"], picture)
        click.echo(f"Written: {picture}")


if __name__ == "__main__":
    main()
