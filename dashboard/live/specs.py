"""A panel of a board as its JavaScript takes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import plotly.io

from dashboard.charts import Panel, style
from dashboard.charts.overlays import Overlay
from dashboard.charts.palette import THEMES


def spec_of(panel: Panel | Overlay, subject: Any) -> dict[str, Any]:
    """All that a board mounts of a panel; `subject` is what the panel's functions are asked with."""
    figures = {theme: panel.figure(subject, palette) for theme, palette in THEMES.items()} if panel.figure else {}
    return {
        "name": panel.name,
        "title": panel.title,
        "look": panel.look(subject),
        "large": panel.large,
        "choices": [asdict(choice) for choice in panel.choices(subject)],
        "cursor": style.cursor_of(figures.get("light")),
        "figures": {theme: plotly.io.to_json(figure, validate=False) for theme, figure in figures.items()} or None,
    }
