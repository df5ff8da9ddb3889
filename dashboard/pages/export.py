"""The export menu of the run on the board. Each file is made when its button is pressed."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.charts.runs_table import file_stem
from dashboard.live.hub import get_hub
from dashboard.live.single_run import SingleRun
from dashboard.replay.exports import EXPORTS, Source, copied_telemetry
from dashboard.state import board_layout
from engine import FieldError
from engine.runs.export.program import program_text
from engine.runs.server.run import Run
from engine.runs.store.record import Record

ICON = ":material/download:"


def export_menu(watched: SingleRun | None) -> None:
    """Show the export button and its menu. A replay has the ghost of the board."""
    run = watched.run if watched is not None else None
    with st.popover("Export", key="export", help="Its data, its weights, a replay or a program, as files."):
        if watched is None or run is None:
            st.caption("There is no run yet. Press Start; then the files appear here.")
            return
        if not run.started and not len(run.telemetry.keyframes):
            st.caption("This run has not trained yet. Files appear here after its first update.")
            return
        st.caption(
            "Each file contains the run up to the moment of your click. To save a chart as a picture, use Save in its "
            "panel."
        )
        source = Source(run, partial(stored_record, run), board_layout.current_layout(), watched)
        with st.container(key="exports", gap=None):
            for export in EXPORTS.values():
                reason = export.unavailable_reason(source)
                st.download_button(
                    f"{export.label} ({export.extension})" + (f": {reason}" if reason else ""),
                    data=partial(export.make_content, source),
                    file_name=f"{file_stem(run)}-{export.name_suffix}{export.extension}",
                    mime=export.mime_type,
                    key=f"export{export.label}{export.extension}",
                    disabled=reason is not None,
                    on_click="ignore",
                    icon=ICON,
                    type="tertiary",
                )
        with st.expander("The program", icon=":material/code:"):
            with run.lock:
                text = program_text(run.initial_config, run.telemetry.changes, None)
            st.code(text, language="python")


def stored_record(run: Run) -> Record:
    """Return the stored record of a run; if it is not stored, return a record without a checkpoint."""
    store = get_hub().manager.store
    try:
        record = store.load(run.id) if store else None
    except FieldError:
        record = None
    if record is not None:
        return record
    telemetry = copied_telemetry(run)
    with run.lock:
        return Record(run.summary(), telemetry)
