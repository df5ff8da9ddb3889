"""The files of `regscope runs export`: the ending of the file, or `--what`, chooses the export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashboard.replay.page import replay_of
from engine.errors import FieldError
from engine.runs.export.table import EXPORTS
from engine.runs.export.weights import write_whole
from engine.runs.store.file import to_json
from engine.runs.store.record import Record


def _export(name: str) -> Callable[[Record], bytes]:
    def make(record: Record) -> bytes:
        export = EXPORTS[name]
        if (why := export.missing(record.about.initial_config, record.telemetry)) is not None:
            raise FieldError(export.ending, why)
        return export.make(record.about.initial_config, record.telemetry)

    return make


# The exports that are chosen by name, because their ending chooses another one.
NAMED_EXPORTS = {name: export.ending for name, export in EXPORTS.items() if name in ("costs", "data")}
BY_ENDING: dict[str, Callable[[Record], bytes]] = {
    ".json": lambda record: to_json(record).encode(),
    ".html": lambda record: replay_of(record).encode(),
    **{EXPORTS[name].ending: _export(name) for name in reversed(EXPORTS)},
}


def export_run(record: Record, file: Path, what: str | None = None) -> None:
    """Write a run to a file.

    Args:
        record: the run. file: its ending chooses the export.
        what: one of `NAMED_EXPORTS`, instead of the export of the ending.

    Raises:
        FieldError: for an unknown ending, or if the export is not possible. OSError: when the file cannot be written.
    """
    endings = list(BY_ENDING) if what is None else [NAMED_EXPORTS[what]]
    if file.suffix not in endings:
        raise FieldError("FILE", f"must end in {', '.join(endings)}, got {file.name!r}: rename the file")
    write_whole(file, (BY_ENDING[file.suffix] if what is None else _export(what))(record))
