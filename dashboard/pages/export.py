"""What can be taken out of the run on the board: made when it is asked for, and not before."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.live.hub import the_hub
from dashboard.replay.page import replay
from dashboard.state import board_layout
from engine import FieldError
from engine.runs.export.program import program
from engine.runs.export.table import EXPORTS, Export
from engine.runs.server.run import Run
from engine.runs.store.file import to_json
from engine.runs.store.record import Record

ICON = ":material/download:"


def menu(run: Run | None) -> None:
    """The button in the transport, and what opens below it."""
    with st.popover("", icon=ICON, key="export", help="Take this run with you: figures, weights, a replay, a program."):
        if run is None:
            st.caption("There is no run yet: press Start, and what it gives can be taken from here.")
            return
        if not run.started and not len(run.telemetry.keyframes):
            st.caption("This run has not begun: what it gives can be taken from here once it trains.")
            return
        st.caption("Of the run as it is when you press. Pictures of a chart: the button in its corner.")
        with st.container(key="exports", gap=None):
            for label, noun, ending, mime, make, why in _rows(run):
                st.download_button(
                    f"{label} ({ending})" + (f": {why}" if why else ""),
                    data=make,
                    file_name=f"{_name(run)}-{noun}{ending}",
                    mime=mime,
                    key=f"export{label}{ending}",
                    disabled=why is not None,
                    on_click="ignore",
                    icon=ICON,
                    type="tertiary",
                )
        with st.expander("The program", icon=":material/code:"):
            with run.lock:
                text = program(run.initial_config, run.telemetry.changes, None)
            st.code(text, language="python")


def _rows(run: Run) -> list[tuple[str, str, str, str, Callable[[], bytes], str | None]]:
    """Label, noun, ending, kind, how it is made, and why it cannot be had here."""
    layout = board_layout.layout()
    rows: list[tuple[str, str, str, str, Callable[[], bytes], str | None]] = [
        (
            "Replay, one page",
            "replay",
            ".html",
            "text/html",
            lambda: replay(run, layout.name, layout.panels).encode(),
            None,
        ),
        ("Whole run", "run", ".json", "application/json", lambda: _json(run), None),
    ]

    def missing(export: Export) -> str | None:
        with run.lock:
            return export.missing(run.initial_config, run.telemetry)

    for export in EXPORTS.values():
        make = partial(_made, run, export.make)
        rows.append((export.label, export.noun, export.ending, export.mime, make, missing(export)))
    return rows


def _made(run: Run, make: Callable[..., bytes]) -> bytes:
    with run.lock:  # no report is added meanwhile
        return make(run.initial_config, run.telemetry)


def _json(run: Run) -> bytes:
    """As the store has it; where nothing is kept, what is known of it here, which cannot be resumed."""
    store = the_hub().manager.store
    try:
        record = store.load(run.id) if store else None
    except FieldError:
        record = None
    if record is None:
        with run.lock:
            return to_json(Record(run.summary(), run.telemetry)).encode()
    return to_json(record).encode()


def _name(run: Run) -> str:
    """What a file of this run is called: its name where it has one, as far as files can be called so."""
    name = re.sub(r"[^\w.-]+", "-", run.name).strip("-.")
    return f"regscope-{name[:40] or run.initial_config.dataset.replace(':', '-')}-{run.id[:8]}"
