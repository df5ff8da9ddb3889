"""The export menu of the page Compare: all compared runs as one HTML file."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.runs_table import file_stem
from dashboard.live.run_group import RunGroup
from dashboard.pages.export import ICON
from dashboard.replay.exports import EXPORTS
from dashboard.replay.page import replay_html


def export_menu(group: RunGroup | None) -> None:
    """Show the export button and its menu. The file is made when its button is pressed."""
    with st.popover(
        "Export",
        key="export_race",
        disabled=group is None,
        help="The replay of these runs, as one file.",
    ):
        if group is None:
            return
        if not any(run.telemetry.step for run in group.runs):
            st.caption("These runs have not trained yet. The file appears here after the first update.")
            return
        st.caption(
            "One page with this board, up to the moment of your click. It plays the runs side by side and goes to any "
            "of their steps, without a server and without a network. Other files of a run are under Export on Train."
        )
        replay = EXPORTS["replay"]
        st.download_button(
            f"{replay.label} ({replay.extension})",
            data=lambda: replay_html(group).encode(),
            file_name=file_name(group),
            mime=replay.mime_type,
            key="export_race_replay",
            on_click="ignore",
            icon=ICON,
            type="tertiary",
        )


def file_name(group: RunGroup) -> str:
    """Return the name of the file: that of the first run, and the number of the others."""
    first, *others = group.runs
    return f"{file_stem(first)}{f'-and-{len(others)}-more' if others else ''}-replay.html"
