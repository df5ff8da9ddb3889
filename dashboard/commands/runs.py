"""`regscope runs`: the stored runs of this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from threadpoolctl import threadpool_limits

from dashboard.charts import numbers
from dashboard.charts.runs_table import format_age, gap_of, matches_search
from dashboard.commands.output import echo, json_option, printable, readable_errors, write_json
from dashboard.commands.run_files import export_run
from dashboard.commands.training_progress import results_sentence, train_with_progress, warn_or_refuse_memory
from dashboard.replay.exports import EXPORT_BY_NAME
from engine.analysis.regularizers import regularizer_text
from engine.data import dataset_title
from engine.errors import FieldError, format_bytes, format_duration
from engine.runs import states
from engine.runs.names import display_name
from engine.runs.store.damaged import DamagedRun
from engine.runs.store.json_file import from_json, import_record
from engine.runs.store.record import About
from engine.runs.store.store import Store
from engine.runs.worker.headless import HeadlessRun

MAX_DAMAGED_RUNS = 20  # named in one list

SORT_KEYS: dict[str, Callable[[About], Any]] = {
    "new": lambda about: -about.created,
    "name": lambda about: display_name(about).lower(),
    "best": lambda about: -about.metrics.get("best_accuracy", -1.0),
    "last": lambda about: -about.metrics.get("judge_accuracy", -1.0),
    "gap": lambda about: gap_of(about) if gap_of(about) is not None else 2.0,
    "computing": lambda about: -about.seconds,
}
SORT_ALIASES = {"seconds": "computing"}  # earlier names


@click.group()
def runs() -> None:
    """List, show, export, import, delete and resume stored runs."""


@runs.command("list")
@click.option(
    "--state",
    "state_",
    type=click.Choice(sorted(states.ENDED | {states.RUNNING, states.PAUSED})),
    help="Only runs in this state.",
)
@click.option("--tag", help="Only runs with this tag.")
@click.option("--search", default="", help="Only runs with these words in name, note, tags, data set or regularizer.")
@click.option(
    "--sort",
    type=click.Choice([*SORT_KEYS, *SORT_ALIASES]),
    default="new",
    show_default=True,
    help="The order: newest, highest accuracy, smallest gap or longest computing time first, or by name. seconds is an "
    "earlier word for computing.",
)
@click.option("--deleted", is_flag=True, help="List the deleted runs that can be restored instead.")
@json_option
def list_(state_: str | None, tag: str | None, search: str, sort: str, deleted: bool, json_file: Path | None) -> None:
    """List the stored runs."""
    with readable_errors():
        stored = Store().list_all()
    stored_runs = stored.deleted if deleted else stored.runs
    warn_of_damaged_runs(stored.damaged)
    matching_runs = [
        about
        for about in stored_runs
        if (state_ is None or about.state == state_)
        and (tag is None or tag in about.tags)
        and matches_search(about, search)
    ]
    matching_runs.sort(key=SORT_KEYS[SORT_ALIASES.get(sort, sort)])
    if json_file:
        write_json(json_file, {"runs": [row_values(about) for about in matching_runs]})
        return
    if not matching_runs:
        echo(
            "No runs are stored yet: start one with regscope train, or on the page."
            if not stored_runs
            else "No run matches the options."
        )
        return
    echo(
        f"{'id':8}  {'state':11}  {'data':10}  {'regularizer':22}  {'epochs':>9}  {'best':>7}  {'last':>7}  "
        f"{'gap':>6}  {'computing':>9}  {'started':14}  name"
    )
    for about in matching_runs:
        echo(_table_line(about))


@runs.command()
@click.argument("run")
def show(run: str) -> None:
    """Show one run. The beginning of its id is enough."""
    with readable_errors():
        store = Store()
        about = find_run(store, run)
    rows = {
        "id": about.id,
        "name": display_name(about),
        "state": about.state + (f" ({about.reason})" if about.reason else ""),
        "started": f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(about.created))}, {about.origin}",
        "done": f"{about.epochs:.1f} of {about.initial_config.epochs} epochs, {about.step:,} updates, "
        f"{format_duration(about.seconds)} of computing",
        "tags": ", ".join(about.tags),
        "note": about.note,
        "continues": f"{about.parent} from update {about.forked_at}" if about.parent else "",
    }
    for label, text in rows.items():
        if text:
            echo(f"{label:10} " + f"\n{'':11}".join(map(printable, text.splitlines())))
    for name, value in about.metrics.items():
        echo(f"{name.replace('_', ' '):22} {value:.6g}")
    echo(json.dumps(about.initial_config.to_dict(), ensure_ascii=False))


@runs.command("export")
@click.argument("run")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--what",
    type=click.Choice(list(EXPORT_BY_NAME)),
    help="Cost of each mini-batch (.csv), or the data with noise and corrupted labels (.npz).",
)
def export_(run: str, file: Path, what: str | None) -> None:
    """Write a run to a file; its ending chooses the format.

    \b
    .json          the whole run, for `regscope runs import`
    .csv .parquet  its series over the epochs
    .npz .safetensors .onnx  its weights
    .py            a program that trains it again
    .html          a replay that needs no server
    """
    with readable_errors():
        store = Store()
        record = store.load(find_run(store, run).id)
        assert record is not None
        export_run(record, file, what)
    echo(f"Written: {file}")


@runs.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(files: tuple[Path, ...]) -> None:
    """Import runs that were exported as JSON."""
    failures = []
    for file in files:
        try:
            with readable_errors():
                run_id, outcome = import_record(Store(), from_json(file.read_bytes()))
        except click.UsageError as error:  # the other files are still imported
            failures.append(printable(f"{file}: {error.format_message()}"))
            continue
        echo(f"{file}: {run_id} {outcome}")
    if failures:
        raise click.UsageError("\n".join(failures))


@runs.command()
@click.argument("run_ids", metavar="RUN…", nargs=-1)
@click.option("--yes", is_flag=True, help="Delete without asking.")
@click.option("--damaged", is_flag=True, help="Delete all runs that cannot be read instead. They cannot be restored.")
@click.option("--for-good", is_flag=True, help="Delete at once and give the space back. They cannot be restored.")
def delete(run_ids: tuple[str, ...], yes: bool, damaged: bool, for_good: bool) -> None:
    """Delete runs. They can be restored for a day, unless --for-good is given."""
    if bool(run_ids) == damaged:
        raise click.UsageError("Give the ids of runs, or --damaged; regscope runs list shows both.")
    if damaged:
        delete_damaged_runs(yes)
        return
    with readable_errors():
        store = Store()
        stored_runs = [find_run(store, run, also_deleted=for_good) for run in run_ids]
        store.check_not_trained(about.id for about in stored_runs)
        if not yes:
            for about in stored_runs:
                echo(_table_line(about))
            ending = " for good" if for_good else ""
            click.confirm(
                f"Delete {'this run' if len(stored_runs) == 1 else f'these {len(stored_runs)} runs'}{ending}?",
                abort=True,
            )
        store.delete([about.id for about in stored_runs])
        if for_good:
            store.delete_for_good(about.id for about in stored_runs)
            echo(f"Deleted for good: {', '.join(about.id for about in stored_runs)}")
            return
    echo(f"Deleted. To undo within a day: regscope runs restore {' '.join(about.id[:8] for about in stored_runs)}")


@runs.command()
@click.option("--yes", is_flag=True, help="Delete without asking.")
def empty(yes: bool) -> None:
    """Delete all deleted runs for good, and give their space back."""
    with readable_errors():
        store = Store()
        deleted_runs = store.list(deleted=True)
        if not deleted_runs:
            echo("There are no deleted runs.")
            return
        if not yes:
            click.confirm(f"Delete {count_runs(len(deleted_runs))} for good?", abort=True)
        size = store.nbytes()
        removed = store.delete_for_good()
    echo(f"Deleted for good: {count_runs(removed)}, {format_bytes(size - store.nbytes())} given back.")


@runs.command()
@click.argument("run_ids", metavar="RUN…", nargs=-1, required=True)
def restore(run_ids: tuple[str, ...]) -> None:
    """Restore deleted runs."""
    with readable_errors():
        store = Store()
        stored_runs = [find_run(store, run, deleted=True) for run in run_ids]
        store.restore([about.id for about in stored_runs])
    echo("Restored: " + ", ".join(about.id for about in stored_runs))


@runs.command()
@click.argument("run")
def resume(run: str) -> None:
    """Train an interrupted or stopped run to its end, with the same results as without interruption."""
    with readable_errors(), threadpool_limits(limits=1, user_api="blas"):
        store = Store()
        about = find_run(store, run)
        if about.state not in states.RESUMABLE:
            raise FieldError(
                "RUN", f"{display_name(about)} is {about.state}: only an interrupted or stopped run can be resumed"
            )
        warn_or_refuse_memory(about.initial_config, is_resumed=True)
        record = store.load(about.id)
        resumed_run = HeadlessRun(about.initial_config, store.path, record)
        train_with_progress(resumed_run)
    echo(results_sentence(resumed_run) if resumed_run.snapshots else "The run has done all its epochs already.")


def delete_damaged_runs(yes: bool) -> None:
    """Delete all runs that cannot be read. `yes`: without asking."""
    with readable_errors():
        store = Store()
        damaged_runs = store.list_all().damaged
        if not damaged_runs:
            echo("All stored runs can be read: there is nothing to delete.")
            return
        warn_of_damaged_runs(damaged_runs)
        if not yes:
            click.confirm(f"Delete {count_runs(len(damaged_runs))}?", abort=True)
        store.delete_damaged(run.key for run in damaged_runs)
    echo(f"Deleted: {count_runs(len(damaged_runs))}.")


def warn_of_damaged_runs(damaged_runs: Sequence[DamagedRun]) -> None:
    """Name the runs that cannot be read, on standard error."""
    for run in damaged_runs[:MAX_DAMAGED_RUNS]:
        echo(f"Warning: the run {run.name} cannot be read and is left out ({printable(run.problem)})", err=True)
    if damaged_runs:
        more = f"{len(damaged_runs) - MAX_DAMAGED_RUNS} more runs. " if len(damaged_runs) > MAX_DAMAGED_RUNS else ""
        echo(f"Warning: {more}To delete what cannot be read: regscope runs delete --damaged", err=True)


def count_runs(count: int) -> str:
    """Return a number of runs in words: "1 run", "2 runs"."""
    return f"{count} run" if count == 1 else f"{count} runs"


def find_run(store: Store, beginning: str, deleted: bool = False, also_deleted: bool = False) -> About:
    """Return the run whose id begins with `beginning`.

    Args:
        store: the store. beginning: of the id. deleted: whether to look at the deleted runs instead.
        also_deleted: whether to look at the deleted runs, too.

    Raises:
        FieldError: if there is none, or more than one.
    """
    stored = store.list_all()
    candidates = [*stored.runs, *stored.deleted] if also_deleted else stored.deleted if deleted else stored.runs
    matches = [about for about in candidates if about.id.startswith(beginning.lower())]
    if len(matches) == 1:
        return matches[0]
    if not matches:
        kind, option = ("deleted", " --deleted") if deleted else ("stored", "")
        raise FieldError("RUN", f"{beginning!r} is not a {kind} run: regscope runs list{option} shows the ids")
    raise FieldError(
        "RUN", f"{beginning!r} matches {', '.join(about.id for about in matches[:5])}: give more characters"
    )


def row_values(about: About) -> dict[str, Any]:
    """Return a row of the list of runs as plain JSON types."""
    return {
        "id": about.id,
        "name": about.name,
        "default_name": about.default_name,
        "state": about.state,
        "tags": list(about.tags),
        "step": about.step,
        "epochs": about.epochs,
        "seconds": about.seconds,
        "created": about.created,
        "figures": dict(about.metrics),
        "config": about.initial_config.to_dict(),
    }


def _table_line(about: About) -> str:
    metrics = about.metrics
    gap = gap_of(about)
    cells: Sequence[str] = (
        f"{about.id[:8]:8}",
        f"{about.state:11}",
        f"{printable(dataset_title(about.initial_config.dataset, short=True))[:10]:10}",
        f"{regularizer_text(about.initial_config)[:22]:22}",
        f"{f'{about.epochs:.4g}/{about.initial_config.epochs}':>9}",
        f"{_percent(metrics.get('best_accuracy')):>7}",
        f"{_percent(metrics.get('judge_accuracy')):>7}",
        f"{numbers.NO_VALUE if gap is None else f'{100 * gap:+.1f}':>6}",
        f"{format_duration(about.seconds):>9}",
        f"{format_age(about.created, time.time()):14}",
        printable(display_name(about)),
    )
    return "  ".join(cells).rstrip()


def _percent(share: float | None) -> str:
    return numbers.NO_VALUE if share is None else numbers.percent(share).replace(numbers.THIN_SPACE, " ")
