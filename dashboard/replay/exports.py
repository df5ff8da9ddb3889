"""The table of all exports of a run, for the menu of the page and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.charts.panels.layouts import DEFAULT_LAYOUT, Layout
from dashboard.replay.page import replay_html
from engine.runs.export import table
from engine.runs.server.run import Run
from engine.runs.store.json_file import to_json
from engine.runs.store.record import Record


@dataclass(frozen=True)
class Source:
    """A run to export, live or stored.

    Attributes:
        run: the run.
        load_record: function that returns the record, with the checkpoint if the run is stored.
        layout: the panels of the replay.
    """

    run: Run
    load_record: Callable[[], Record]
    layout: Layout = field(default_factory=lambda: Layout(DEFAULT_LAYOUT))


@dataclass(frozen=True)
class Export:
    """One kind of file.

    Attributes:
        label: the text in menus.
        name_suffix: the end of the file name, which is different for each export of a run.
        extension: the file extension, with the dot.
        mime_type: the MIME type of the file.
        make_content: function that returns the content of the file. It raises `FieldError` if the run has no weights
            yet or the data set is missing.
        unavailable_reason: function that returns why the file cannot be made, with a remedy; None if it can.
    """

    label: str
    name_suffix: str
    extension: str
    mime_type: str
    make_content: Callable[[Source], bytes]
    unavailable_reason: Callable[[Source], str | None] = lambda source: None


def _replay_file(source: Source) -> bytes:
    return replay_html(source.run, source.layout.name, source.layout.panels).encode()


def _run_file(source: Source) -> bytes:
    record = source.load_record()
    with source.run.lock:  # the record of a run that is not stored contains the live telemetry
        return to_json(record).encode()


def _export_of_table(table_export: table.Export) -> Export:
    """Return an entry of the engine's table as an entry of this table."""

    def make_content(source: Source) -> bytes:
        with source.run.lock:  # reports must not change the telemetry meanwhile
            return table_export.make_content(source.run.initial_config, source.run.telemetry)

    def unavailable_reason(source: Source) -> str | None:
        with source.run.lock:
            return table_export.unavailable_reason(source.run.initial_config, source.run.telemetry)

    return Export(
        table_export.label,
        table_export.name_suffix,
        table_export.ending,
        table_export.mime_type,
        make_content,
        unavailable_reason,
    )


# In the order of the menu. If several exports have the same extension, a file name selects the first one.
EXPORTS: dict[str, Export] = {
    "replay": Export("Replay, one page", "replay", ".html", "text/html", _replay_file),
    "run": Export("Whole run", "run", ".json", "application/json", _run_file),
    **{name: _export_of_table(export) for name, export in table.EXPORTS.items()},
}
EXPORT_BY_EXTENSION: dict[str, Export] = {}
for _export in EXPORTS.values():
    EXPORT_BY_EXTENSION.setdefault(_export.extension, _export)
# Exports that a file name cannot select, because an earlier export has the same extension. The command line selects
# them by name.
EXPORT_BY_NAME: dict[str, Export] = {
    name: export for name, export in EXPORTS.items() if EXPORT_BY_EXTENSION[export.extension] is not export
}
