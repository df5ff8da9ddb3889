"""Draws the results as a picture for the docs, with Plotly."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from playwright.sync_api import sync_playwright
from plotly.subplots import make_subplots

WIDTH, HEIGHT = 1_200, 760
COLOURS = {"Regscope": "#0072B2", "floor": "#7F7F7F"}  # all others have the same colour
OTHER_COLOUR = "#E69F00"
CUT_OFF_BAR = "the book's loop"


def figure(cases: list[dict[str, Any]]) -> go.Figure:
    """Return a figure with one panel per case and a bar for each contender: microseconds per mini-batch."""
    rows = -(-len(cases) // 2)
    chart = make_subplots(
        rows, 2, subplot_titles=[case["case"] for case in cases], horizontal_spacing=0.2, vertical_spacing=0.1
    )
    for i, case in enumerate(cases):
        times = {name: t for name, t in case["microseconds"].items() if name != "Regscope, recorded"}
        names = sorted(times, key=lambda name: -times[name])
        axis_end = 1.3 * max(t for name, t in times.items() if name != CUT_OFF_BAR)
        chart.add_bar(
            orientation="h",
            x=[times[name] for name in names],
            y=names,
            text=[f"{times[name]:,.0f} µs" + (" →" if times[name] > axis_end else "") for name in names],
            textposition=["inside" if times[name] > axis_end else "outside" for name in names],
            insidetextanchor="start",
            cliponaxis=False,
            marker_color=[COLOURS.get(name, OTHER_COLOUR) for name in names],
            row=i // 2 + 1,
            col=i % 2 + 1,
        )
        # a logarithmic bar has no zero: the axis is linear, and the bar of the book's loop is cut off
        chart.update_xaxes(range=[0, axis_end], row=i // 2 + 1, col=i % 2 + 1)
    chart.update_xaxes(showgrid=False, showticklabels=False, ticks="", showline=False, zeroline=False)
    chart.update_layout(
        template="simple_white",
        width=WIDTH,
        height=HEIGHT,
        showlegend=False,
        font={"family": "Source Sans Pro, sans-serif", "size": 14},
        margin={"l": 150, "r": 60, "t": 80, "b": 20},
        title="Time of one mini-batch, float32, one core: less is better",
    )
    return chart


def write_picture(cases: list[dict[str, Any]], path: Path) -> None:
    """Write the figure as PNG, with Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_content(figure(cases).to_html(include_plotlyjs=True))
        page.wait_for_selector(".main-svg")
        page.screenshot(path=path)
        browser.close()
