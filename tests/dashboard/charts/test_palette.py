"""Plotly accepts every colour of the charts."""

from __future__ import annotations

from dataclasses import asdict

import plotly.graph_objects as go
import pytest

from dashboard.charts.palette import DARK, LIGHT


def texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    return [text for each in value for text in texts(each)] if isinstance(value, list | tuple) else []


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_plotly_accepts_every_colour_of_a_palette(palette):
    colours = [text for text in texts(asdict(palette)) if text.startswith(("#", "rgb"))]
    assert len(colours) > 10
    for colour in colours:
        assert go.scatter.Line(color=colour).color == colour
