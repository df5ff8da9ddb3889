"""Writes a stored run to a file, for `regscope runs export`."""

from __future__ import annotations

from pathlib import Path

from dashboard.replay.exports import EXPORT_BY_EXTENSION, EXPORT_BY_NAME, Source
from engine.errors import FieldError
from engine.runs.export.weights import write_whole
from engine.runs.server.run import Run
from engine.runs.store.record import Record


def export_run(record: Record, file: Path, what: str | None = None) -> None:
    """Write a run to a file.

    Args:
        record: the run.
        file: its ending chooses the export.
        what: a key of `EXPORT_BY_NAME`, for an export whose file extension means another export.

    Raises:
        FieldError: for another ending, or if the export is not possible.
        OSError: if the file cannot be written.
    """
    endings = list(EXPORT_BY_EXTENSION) if what is None else [EXPORT_BY_NAME[what].extension]
    if file.suffix not in endings:
        raise FieldError("FILE", f"must end in {', '.join(endings)}, got {file.name!r}")
    export = EXPORT_BY_EXTENSION[file.suffix] if what is None else EXPORT_BY_NAME[what]
    source = Source(Run.of(record), lambda: record)
    if (why := export.unavailable_reason(source)) is not None:
        raise FieldError(export.extension, why)
    write_whole(file, export.make_content(source))
