"""Line traces for charts that compare several runs.

Each quantity has one line per run, in the line style of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.charts import marks, style
from dashboard.charts.escaping import escape_plotly
from dashboard.charts.overlays.entrant import Entrant, max_epochs
from dashboard.charts.overlays.line_styles import LineStyle, line_styles_of
from dashboard.charts.palette import OUTLINE, Palette

LineFunction = Callable[[Entrant], dict[str, Any]]  # returns x and y of the line of one compared run
EMPTY_LINE: dict[str, Any] = {"x": [], "y": []}


@dataclass(frozen=True)
class RunLine:
    """The line of one compared run, or the dark outline below the line.

    Attributes:
        index: the position of the run among the entrants.
        entrant: the run.
        style: the line style of the run.
        is_outline: True for the outline.
    """

    index: int
    entrant: Entrant
    style: LineStyle
    is_outline: bool = False


def lines_in_drawing_order(entrants: Sequence[Entrant]) -> list[RunLine]:
    """Return the lines and outlines of one quantity, in drawing order."""
    run_lines = []
    for index, (entrant, line_style) in enumerate(
        zip(entrants, line_styles_of([each.current_config for each in entrants]), strict=True)
    ):
        if line_style.outlined:
            run_lines.append(RunLine(index, entrant, line_style, is_outline=True))
        run_lines.append(RunLine(index, entrant, line_style))
    return run_lines


def empty_traces(
    entrants: Sequence[Entrant], palette: Palette, hover: str, width: float = 2, label: str = "", **attributes: Any
) -> list[go.Scatter]:
    """Return the traces of one quantity without data.

    Args:
        entrants: the runs.
        palette: the colours of the theme.
        hover: the hover template of a line.
        width: the width of a line in pixels.
        label: text after the name of each run; with a label, the traces are not in the legend.
        attributes: further attributes of each trace.
    """
    traces = []
    for run_line in lines_in_drawing_order(entrants):
        colour = OUTLINE if run_line.is_outline else run_line.style.colour(palette)
        plotly_line = {
            "color": colour,
            "width": width + 2.5 if run_line.is_outline else width,
            "dash": run_line.style.dash,
        }
        traces.append(
            go.Scatter(
                name=escape_plotly(run_line.entrant.name) + label,
                mode="lines",
                x=[],
                y=[],
                line=plotly_line,
                showlegend=not run_line.is_outline and not label,
                **({"hoverinfo": "skip"} if run_line.is_outline else {"hovertemplate": hover}),
                **attributes,
            )
        )
    return traces


def trace_data(entrants: Sequence[Entrant], line_of: LineFunction) -> list[dict[str, Any]]:
    """Return the current line data of one quantity, in the order of `empty_traces`."""
    lines = [line_of(entrant) for entrant in entrants]
    return [lines[run_line.index] for run_line in lines_in_drawing_order(entrants)]


def trace_visibility(
    entrants: Sequence[Entrant], quantity_count: int, visible_quantities: Iterable[int]
) -> dict[int, dict[str, Any]]:
    """Return `Option.traces` for an option that shows only some of the quantities.

    Args:
        entrants: the runs.
        quantity_count: the number of quantities; the traces are ordered by quantity.
        visible_quantities: the indices of the visible quantities.
    """
    traces_per_quantity, visible = len(lines_in_drawing_order(entrants)), set(visible_quantities)
    return {i: {"visible": i // traces_per_quantity in visible} for i in range(traces_per_quantity * quantity_count)}


def epoch_figure(entrants: Sequence[Entrant], palette: Palette, traces: list[go.Scatter], **y_axis: Any) -> go.Figure:
    """Return a figure with an x axis over the epochs of the longest run."""
    return style.figure(palette, traces, x=style.epoch_axis(max_epochs(entrants)), y=y_axis)


def layout_with_change_marks(entrants: Sequence[Entrant]) -> dict[str, Any]:
    """Return the layout of an `Update` with a mark at every change of a run."""
    return marks.marks_layout(marks.change_marks_of_runs([each.telemetry for each in entrants], max_epochs(entrants)))


def describe_runs(entrants: Sequence[Entrant], describe: Callable[[Entrant], str | None]) -> str:
    """Return names and descriptions of the runs, such as "L2 λ 1 87.1 %, dropout ½ 86.4 %".

    A run without a description is left out.
    """
    descriptions = [(entrant.name, describe(entrant)) for entrant in entrants]
    return ", ".join(f"{name} {description}" for name, description in descriptions if description)
