"""What `regscope runs export` writes, by the ending of the file or by its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashboard.replay.page import replay_of
from engine.errors import FieldError
from engine.runs.export.table import EXPORTS as TAKEN
from engine.runs.export.weights import write_whole
from engine.runs.store.file import to_json
from engine.runs.store.record import Record


def _taken(name: str) -> Callable[[Record], bytes]:
    def make(record: Record) -> bytes:
        export = TAKEN[name]
        if (why := export.missing(record.about.initial_config, record.telemetry)) is not None:
            raise FieldError(export.ending, why)
        return export.make(record.about.initial_config, record.telemetry)

    return make


# What may be asked for by its name: of these another export has the ending to itself.
WHAT = {name: export.ending for name, export in TAKEN.items() if name in ("costs", "data")}
BY_ENDING: dict[str, Callable[[Record], bytes]] = {
    ".json": lambda record: to_json(record).encode(),
    ".html": lambda record: replay_of(record).encode(),
    **{TAKEN[name].ending: _taken(name) for name in reversed(TAKEN)},
}


def export_run(record: Record, file: Path, what: str | None = None) -> None:
    """Write a run to a file, as what its ending says, or as one of `WHAT`.

    Raises:
        FieldError: for another ending, or where it cannot be made. OSError: where it cannot be written.
    """
    endings = list(BY_ENDING) if what is None else [WHAT[what]]
    if file.suffix not in endings:
        raise FieldError("FILE", f"must end in {', '.join(endings)}, got {file.name!r}")
    write_whole(file, (BY_ENDING[file.suffix] if what is None else _taken(what))(record))
