"""The export menu of the run on the board. A file is made when its button is pressed."""

from __future__ import annotations

import re
from functools import partial

import streamlit as st

from dashboard.live.hub import the_hub
from dashboard.replay.exports import EXPORTS, Source
from dashboard.state import board_layout
from engine import FieldError
from engine.runs.export.program import program
from engine.runs.server.run import Run
from engine.runs.store.record import Record

ICON = ":material/download:"


def menu(run: Run | None) -> None:
    """Show the export button and its menu."""
    with st.popover("", icon=ICON, key="export", help="Export this run: its data, weights, a replay or a program."):
        if run is None:
            st.caption("There is no run yet. Press Start; the files appear here.")
            return
        if not run.started and not len(run.telemetry.keyframes):
            st.caption("This run has not begun. Files appear here after its first update.")
            return
        st.caption("Each file holds the run as it is when you press. To save a chart as a picture, use its own button.")
        source = Source(run, partial(record_of, run), board_layout.layout())
        with st.container(key="exports", gap=None):
            for export in EXPORTS.values():
                why = export.unavailable_reason(source)
                st.download_button(
                    f"{export.label} ({export.extension})" + (f": {why}" if why else ""),
                    data=partial(export.make_content, source),
                    file_name=f"{file_stem(run)}-{export.name_suffix}{export.extension}",
                    mime=export.mime_type,
                    key=f"export{export.label}{export.extension}",
                    disabled=why is not None,
                    on_click="ignore",
                    icon=ICON,
                    type="tertiary",
                )
        with st.expander("The program", icon=":material/code:"):
            with run.lock:
                text = program(run.initial_config, run.telemetry.changes, None)
            st.code(text, language="python")


def record_of(run: Run) -> Record:
    """Return the stored record of a run; for a run that is not stored, one without a checkpoint to resume from."""
    store = the_hub().manager.store
    try:
        record = store.load(run.id) if store else None
    except FieldError:
        record = None
    if record is not None:
        return record
    with run.lock:
        return Record(run.summary(), run.telemetry)


def file_stem(run: Run) -> str:
    """Return the beginning of the file names of a run: its name without special characters, and part of its id."""
    name = re.sub(r"[^\w.-]+", "-", run.name).strip("-.")
    return f"regscope-{name[:40] or run.initial_config.dataset.replace(':', '-')}-{run.id[:8]}"
