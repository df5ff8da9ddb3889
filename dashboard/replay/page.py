"""The HTML file of a replay, with frames, player and plotly.js."""

from __future__ import annotations

import gzip
import html
from base64 import b64encode
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from string import Template

from dashboard.charts.palette import interface_css
from dashboard.charts.panels.layouts import DEFAULT_LAYOUT, Layout
from dashboard.live.assets import ASSETS_FOLDER, PLOTLY_FILE
from dashboard.live.frames.parts import dumps
from dashboard.live.single_run import SingleRun
from dashboard.live.watched import Watched
from dashboard.replay.frames import frames_of
from dashboard.replay.modules import modules_json
from engine.config import SETTINGS
from engine.runs.server.run import Run
from engine.runs.store.record import Record

ASSETS = files("dashboard.replay").joinpath("assets")


def replay_html(
    watched: Watched,
    layout: str = DEFAULT_LAYOUT,
    panels: tuple[str, ...] = (),
    on_progress: Callable[[float], None] = lambda share: None,
) -> str:
    """Return a run, or several, as one HTML file.

    Args:
        watched: the run, with its ghost if it has one, or several runs. While they train, the replay ends at the
            newest step.
        layout: the name of the layout, as in `panels_of`.
        panels: the names of the panels of the custom layout.
        on_progress: called after each frame with the share of finished frames, from 0 to 1.
    """
    contents = watched.contents(Layout(layout, panels))
    data = {
        "specs": contents.panels,
        "table": contents.table,
        "frames": frames_of(watched, contents.panel_names, on_progress),
    }
    return Template(ASSETS.joinpath("page.html").read_text(encoding="utf-8")).substitute(
        title=html.escape(watched.title),
        settings="".join(
            f"<dt>{html.escape(setting.label)}</dt><dd>{html.escape(_values_text(watched, name))}</dd>"
            for name, setting in SETTINGS.items()
        ),
        version=html.escape(f"Regscope {_version()}"),
        colours=interface_css(),
        css=ASSETS_FOLDER.joinpath("board.css").read_text(encoding="utf-8")
        + ASSETS.joinpath("player.css").read_text(encoding="utf-8"),
        modules=modules_json(),
        loader=ASSETS.joinpath("loader.js").read_text(encoding="utf-8"),
        plotly=_compress(PLOTLY_FILE.read_bytes()),
        data=_compress(dumps(data).encode()),
    )


def stored_replay_html(record: Record, layout: str = DEFAULT_LAYOUT) -> str:
    """Return a stored run as one HTML file."""
    return replay_html(SingleRun(Run.from_record(record)), layout)


def _values_text(watched: Watched, name: str) -> str:
    """Return the value of a setting, or the values of all runs if they differ."""
    texts = [SETTINGS[name].display_text(getattr(config, name)) for config in watched.subject_configs]
    return texts[0] if len(set(texts)) == 1 else " · ".join(texts)


def _compress(content: bytes) -> str:
    """Return content compressed with gzip, in base64.

    plotly.js shrinks to a third, and base64 has no characters with a meaning in HTML.
    """
    return b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")


def _version() -> str:
    try:
        return version("regscope")
    except PackageNotFoundError:  # the program runs from its source and is not installed
        return ""
