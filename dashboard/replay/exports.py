"""The table of all files that a run can be exported to, for the menu of the page and for the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.charts.panels.layouts import DEFAULT, Layout
from dashboard.replay.page import replay
from engine.runs.export import table
from engine.runs.server.run import Run
from engine.runs.store.json_file import to_json
from engine.runs.store.record import Record


@dataclass(frozen=True)
class Source:
    """A run to export, live or stored.

    Attributes:
        run: the run.
        load: returns its record, with the checkpoint if the run is stored.
        layout: the panels of its replay.
    """

    run: Run
    load: Callable[[], Record]
    layout: Layout = field(default_factory=lambda: Layout(DEFAULT))


@dataclass(frozen=True)
class Export:
    """One kind of file.

    Attributes:
        label: in menus.
        name_suffix: the end of the file name, so that exports of a run have different names.
        ending, mime_type: of the file.
        make_content: returns its content; raises `FieldError` if the run has no weights yet or the data set is missing.
        unavailable_reason: returns why the file cannot be made here, with the way out; None if it can.
    """

    label: str
    name_suffix: str
    ending: str
    mime_type: str
    make_content: Callable[[Source], bytes]
    unavailable_reason: Callable[[Source], str | None] = lambda source: None


def _replay(source: Source) -> bytes:
    return replay(source.run, source.layout.name, source.layout.panels).encode()


def _whole_run(source: Source) -> bytes:
    record = source.load()
    with source.run.lock:  # of a run that is not stored, the record has the live telemetry
        return to_json(record).encode()


def _of_telemetry(export: table.Export) -> Export:
    """Return an export of the engine's table as one of this table."""

    def make_content(source: Source) -> bytes:
        with source.run.lock:  # no report is added meanwhile
            return export.make_content(source.run.initial_config, source.run.telemetry)

    def unavailable_reason(source: Source) -> str | None:
        with source.run.lock:
            return export.unavailable_reason(source.run.initial_config, source.run.telemetry)

    return Export(export.label, export.name_suffix, export.ending, export.mime_type, make_content, unavailable_reason)


# In the order of the menu. A file name's ending means the first export with it.
EXPORTS: dict[str, Export] = {
    "replay": Export("Replay, one page", "replay", ".html", "text/html", _replay),
    "run": Export("Whole run", "run", ".json", "application/json", _whole_run),
    **{name: _of_telemetry(export) for name, export in table.EXPORTS.items()},
}
BY_ENDING: dict[str, Export] = {}
for _export in EXPORTS.values():
    BY_ENDING.setdefault(_export.ending, _export)
# The exports whose ending means another one: on the command line they are chosen by name.
BY_NAME: dict[str, Export] = {
    name: export for name, export in EXPORTS.items() if BY_ENDING[export.ending] is not export
}
