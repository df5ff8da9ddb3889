"""Mutation testing with a sample of mutations: `python -m tests.mutations --sample 100 --seed 1`.

Changes the code at one place at a time in a copy of the tree and runs the tests on the copy. For every mutation that no
test notices, add a test, or an entry with a reason in equivalents.toml if it cannot change the behaviour.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path

import click

from tests.mutations.javascript import javascript_mutations
from tests.mutations.mutation import Mutation, sample
from tests.mutations.python import python_mutations
from tests.mutations.runner import NOTICED, SURVIVED, UNCLEAR, Copy

ROOT = Path(__file__).parents[2]
EQUIVALENT = "equivalent"
REQUIRED_SHARE = 0.9  # of the mutations that change the behaviour; the tests must notice at least this share


def equivalents() -> dict[tuple[str, str], str]:
    """Return why each listed mutation cannot change the behaviour, by `Mutation.key`."""
    entries = tomllib.loads((Path(__file__).parent / "equivalents.toml").read_text(encoding="utf-8"))
    return {(each["file"], each["change"].strip()): each["reason"] for each in entries.get("equivalent", [])}


def mutations(language: str, count: int, seed: int) -> list[Mutation]:
    """Return the sample of mutations of one language."""
    folders = [ROOT / "engine", ROOT / "dashboard"]
    suffix, function = {"python": (".py", python_mutations), "javascript": (".js", javascript_mutations)}[language]
    files = [path.relative_to(ROOT).as_posix() for folder in folders for path in folder.rglob(f"*{suffix}")]
    return sample(ROOT, files, function, count, seed)


def summary(results: list[dict]) -> tuple[str, float]:
    """Return the report as text, and the share of the behaviour-changing mutations that were noticed."""
    lines = []
    for each in results:
        lines += [
            f"{each['file']}:{each['line']}  {each['operator']}  {each['result']}  {each['detail']}",
            each["diff"],
            "",
        ]
    counts = Counter(each["result"] for each in results)
    share = counts[NOTICED] / max(1, counts[NOTICED] + counts[SURVIVED])
    lines.append(f"{len(results)} mutations: {', '.join(f'{count} {name}' for name, count in counts.items())}")
    lines.append(f"noticed {share:.1%} of those that change the behaviour (at least {REQUIRED_SHARE:.0%} expected)")
    return "\n".join(lines), share


@click.command()
@click.option("--sample", "count", default=100, help="Number of mutations.", show_default=True)
@click.option("--seed", default=1, help="Seed of the sample.", show_default=True)
@click.option("--language", type=click.Choice(["python", "javascript"]), default="python", show_default=True)
@click.option("--quick", is_flag=True, help="Run only the tests that mirror the changed file.")
@click.option("--only", default="", help="Try only the mutations of files whose path contains this.")
@click.option("--report", default="mutations.json", type=click.Path(path_type=Path), help="JSON, with .txt beside it.")
@click.option("--minutes", default=0.0, help="Stop after this time; the next call continues the report. 0: no limit.")
@click.option(
    "--timeout", default=300.0, help="Seconds for a group of tests; a hang counts as noticed.", show_default=True
)
@click.option("--again", is_flag=True, help="Try the survivors of the report again, after adding tests.")
@click.option("--list", "only_list", is_flag=True, help="Print the sample and run nothing.")
def main(
    count: int,
    seed: int,
    language: str,
    quick: bool,
    only: str,
    report: Path,
    minutes: float,
    timeout: float,
    again: bool,
    only_list: bool,
) -> None:
    """Count how many sampled mutations of the code the tests notice."""
    chosen = [each for each in mutations(language, count, seed) if only in each.file]
    if only_list:
        for each in chosen:
            click.echo(f"{each.file}:{each.line}  {each.operator}\n{each.diff}\n")
        return
    known = equivalents()
    results = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else []
    if again:
        results = [each for each in results if each["result"] == NOTICED]
    done = {(each["file"], each["line"], each["diff"]) for each in results}
    end = time.monotonic() + 60 * minutes if minutes else float("inf")
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        copy = Copy(ROOT, Path(folder), timeout)
        for each in chosen:
            if (each.file, each.line, each.diff) in done:
                continue
            if time.monotonic() > end:
                click.echo("Time is up: the same command continues.")
                break
            start = time.monotonic()
            result, detail = (EQUIVALENT, known[each.key]) if each.key in known else copy.try_out(each, quick)
            entry = {"file": each.file, "line": each.line, "operator": each.operator, "diff": each.diff}
            results.append({**entry, "result": result, "detail": detail, "seconds": round(time.monotonic() - start, 1)})
            click.echo(f"{each.file}:{each.line}  {each.operator}  {result}  {detail}")
            report.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        # a test that also fails on the unchanged code has not noticed a mutation
        new = [each for each in results if each["result"] == NOTICED and not each.get("checked")]
        broken, hung = copy.failures(
            sorted({each["detail"] for each in new if "::" in each["detail"]}), first_only=False
        )
        for each in new:
            each.update(checked=True, result=UNCLEAR if each["detail"] in (*broken, hung) else NOTICED)
        report.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    text, share = summary(results)
    report.with_suffix(".txt").write_text(text + "\n", encoding="utf-8")
    click.echo("\n".join(text.splitlines()[-2:]))
    sys.exit(share < REQUIRED_SHARE)


if __name__ == "__main__":
    main()
