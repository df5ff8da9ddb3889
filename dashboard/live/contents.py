"""The initial contents of a board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import plotly.io

from dashboard.charts import style
from dashboard.charts.palette import THEMES
from dashboard.charts.panel import Panel
from dashboard.live.orders import group_toggle_label, state_fields

READY = "ready"  # the state of a board without a run


@dataclass(frozen=True)
class Contents:
    """The initial contents of a board, which frames update.

    Attributes:
        state: the state of the run or group, or `READY`.
        panels: the specs of the panels in order; see `panel_specs`.
        metrics: the labels and empty values before the first measurement; see `metrics_line.line`.
        sentence: the line above the board; see `sentences`. badge: a few words beside the timeline, or "".
        table: head and swatches of the table of a group; a group has no metrics and cannot be forked.
        subtitle: what is on the board in a few words, for talk mode.
        problem: why the last command was refused or the settings cannot be used, for talk mode; or "".
        steering: what talk mode can change, see `steering.summary`; None for a group.
        layout: the layout of the page, which the browser may replace by its stored one; None for a group.
    """

    state: str
    panels: Sequence[dict[str, Any]]
    metrics: Sequence[tuple[str, str, str, str]] = ()
    sentence: str = ""
    badge: str = ""
    subtitle: str = ""
    problem: str = ""
    table: dict[str, Any] | None = None
    steering: dict[str, Any] | None = None
    layout: dict[str, Any] | None = None

    @property
    def panel_names(self) -> list[str]:
        """The names of the panels."""
        return [panel["name"] for panel in self.panels]

    def mount_data(self) -> dict[str, Any]:
        """Return the contents as fields of the data that board.js mounts."""
        return {
            **state_fields(self.state),
            **({"toggle": group_toggle_label([self.state])} if self.table else {}),
            "metrics": list(self.metrics),
            "sentence": self.sentence,
            "badge": self.badge,
            "subtitle": self.subtitle,
            "problem": self.problem,
            "table": self.table,
            "steering": self.steering,
            "layout": self.layout,
            "panels": list(self.panels),
        }


@lru_cache(maxsize=16)  # every click causes a script run, but the figures depend on the subject only
def panel_specs(panels: tuple[Panel, ...], subject: Any) -> list[dict[str, Any]]:
    """Return the specs of panels for JavaScript.

    Args:
        panels: the panels in order.
        subject: the argument of their figures, which must be hashable.
    """
    return [panel_spec(panel, subject) for panel in panels]


def panel_spec(panel: Panel, subject: Any) -> dict[str, Any]:
    """Return the spec of one panel for JavaScript, with a figure for each theme."""
    figures = {theme: panel.figure(subject, palette) for theme, palette in THEMES.items()} if panel.figure else {}
    return {
        "name": panel.name,
        "title": panel.title,
        "look": panel.caption(subject),
        "large": panel.is_large,
        "wide": panel.is_wide,
        "about": list(panel.about(subject)),
        "legend": panel.legend,
        "smooth": panel.is_smooth(subject) if panel.is_smooth else None,
        "switches": [asdict(switch) for switch in panel.switches(subject)],
        "choices": [asdict(choice) for choice in panel.choices(subject)],
        "cursor": style.cursor_group_of(figures.get("light")),
        "figures": {theme: plotly.io.to_json(figure, validate=False) for theme, figure in figures.items()} or None,
    }
