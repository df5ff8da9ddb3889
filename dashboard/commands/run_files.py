"""What `regscope runs export` writes, by the ending of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashboard.replay import replay_of
from engine.errors import FieldError
from engine.runs.export.table import EXPORTS as TAKEN
from engine.runs.store.file import to_json
from engine.runs.store.record import Record
from engine.runs.weights import write_whole


def _taken(name: str) -> Callable[[Record], bytes]:
    def make(record: Record) -> bytes:
        export = TAKEN[name]
        if (why := export.missing(record.about.config, record.telemetry)) is not None:
            raise FieldError(export.ending, why)
        return export.make(record.about.config, record.telemetry)

    return make


EXPORTS: dict[str, Callable[[Record], bytes]] = {
    ".json": lambda record: to_json(record).encode(),
    ".html": lambda record: replay_of(record).encode(),
    **{TAKEN[name].ending: _taken(name) for name in reversed(TAKEN)},
}


def export_run(record: Record, file: Path) -> None:
    """Write a run to a file, as what its ending says.

    Raises:
        FieldError: where it cannot be made. OSError: where it cannot be written.
    """
    write_whole(file, EXPORTS[file.suffix](record))
