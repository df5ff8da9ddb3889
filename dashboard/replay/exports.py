"""The table of all exports of a run, for the menu of the page and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.charts.panels.layouts import DEFAULT_LAYOUT, Layout
from dashboard.live.single_run import SingleRun
from dashboard.replay.page import replay_html
from engine.runs.export import table
from engine.runs.history.past_telemetry import copy_at
from engine.runs.history.telemetry import Telemetry
from engine.runs.server.run import Run
from engine.runs.store.json_file import to_json
from engine.runs.store.record import Record


@dataclass(frozen=True)
class Source:
    """A run to export, live or stored.

    Attributes:
        run: the run.
        load_record: function that returns the record, with the checkpoint if the run is stored.
        layout: the panels of the replay. watched: the run with its ghost, for the replay; None for the run alone.
    """

    run: Run
    load_record: Callable[[], Record]
    layout: Layout = field(default_factory=lambda: Layout(DEFAULT_LAYOUT))
    watched: SingleRun | None = None


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


def copied_telemetry(run: Run) -> Telemetry:
    """Return a copy of the telemetry of a run, so that no board waits for the lock while a file is made of it."""
    with run.lock:
        return copy_at(run.initial_config, run.telemetry, run.telemetry.step)


def _replay_file(source: Source) -> bytes:
    watched = source.watched or SingleRun(source.run)
    return replay_html(watched, source.layout.name, source.layout.panels).encode()


def _run_file(source: Source) -> bytes:
    return to_json(source.load_record()).encode()


def _export_of_table(table_export: table.Export) -> Export:
    """Return an entry of the engine's table as an entry of this table."""

    def make_content(source: Source) -> bytes:
        return table_export.make_content(source.run.initial_config, copied_telemetry(source.run))

    def unavailable_reason(source: Source) -> str | None:
        # without the lock: it reads the data set and the newest keyframe only
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
