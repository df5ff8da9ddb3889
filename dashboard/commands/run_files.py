"""Writes a stored run to a file, for `regscope runs export`."""

from __future__ import annotations

from pathlib import Path

from dashboard.replay.exports import EXPORT_BY_EXTENSION, EXPORT_BY_NAME, Source
from engine.errors import FieldError
from engine.runs.export.weights import write_atomically
from engine.runs.server.run import Run
from engine.runs.store.record import Record


def export_run(record: Record, file: Path, export_name: str | None = None) -> None:
    """Write a run to a file.

    Args:
        record: the run.
        file: the path; its extension selects the export.
        export_name: a key of `EXPORT_BY_NAME`, for an export that the file extension does not select.

    Raises:
        FieldError: for another extension, or if the export is not possible.
        OSError: if the file cannot be written.
    """
    endings = list(EXPORT_BY_EXTENSION) if export_name is None else [EXPORT_BY_NAME[export_name].extension]
    if file.suffix not in endings:
        raise FieldError("FILE", f"must end in {', '.join(endings)}, got {file.name!r}")
    export = EXPORT_BY_EXTENSION[file.suffix] if export_name is None else EXPORT_BY_NAME[export_name]
    source = Source(Run.from_record(record), lambda: record)
    if (reason := export.unavailable_reason(source)) is not None:
        raise FieldError(export.extension, reason)
    write_atomically(file, export.make_content(source))
