"""Line traces for charts that compare several runs.

Each quantity has one line per run, in the run's colour and dash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.charts import marks, style
from dashboard.charts.escaping import for_plotly
from dashboard.charts.overlays.entrant import Entrant, longest
from dashboard.charts.overlays.looks import Look, looks_of
from dashboard.charts.palette import OUTLINE, Palette

LineOf = Callable[[Entrant], dict[str, Any]]  # returns x and y of the line of one compared run
EMPTY: dict[str, Any] = {"x": [], "y": []}


@dataclass(frozen=True)
class Stroke:
    """The line of one compared run, or the dark outline drawn below it."""

    i: int
    entrant: Entrant
    look: Look
    edge: bool = False


def strokes(entrants: Sequence[Entrant]) -> list[Stroke]:
    """Return the traces of one quantity, in drawing order."""
    found = []
    for i, (entrant, look) in enumerate(
        zip(entrants, looks_of([each.current_config for each in entrants]), strict=True)
    ):
        if look.outlined:
            found.append(Stroke(i, entrant, look, edge=True))
        found.append(Stroke(i, entrant, look))
    return found


def traces(
    entrants: Sequence[Entrant], palette: Palette, hover: str, width: float = 2, label: str = "", **more: Any
) -> list[go.Scatter]:
    """Return the empty lines of one quantity; `label` is added to the names of the runs."""
    found = []
    for each in strokes(entrants):
        colour = OUTLINE if each.edge else each.look.colour(palette)
        line = {"color": colour, "width": width + 2.5 if each.edge else width, "dash": each.look.dash}
        found.append(
            go.Scatter(
                name=for_plotly(each.entrant.name) + label,
                mode="lines",
                x=[],
                y=[],
                line=line,
                showlegend=not each.edge and not label,
                **({"hoverinfo": "skip"} if each.edge else {"hovertemplate": hover}),
                **more,
            )
        )
    return found


def data(entrants: Sequence[Entrant], line_of: LineOf) -> list[dict[str, Any]]:
    """Return the current lines of one quantity, in the order of `traces`."""
    lines = [line_of(entrant) for entrant in entrants]
    return [lines[each.i] for each in strokes(entrants)]


def visible(entrants: Sequence[Entrant], quantities: int, shown: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return `Option.traces` for an option that shows only some of the quantities.

    Args:
        entrants: the runs.
        quantities: number of quantities; the traces are ordered by quantity.
        shown: indices of the visible quantities.
    """
    many, wanted = len(strokes(entrants)), set(shown)
    return {i: {"visible": i // many in wanted} for i in range(many * quantities)}


def over_epochs(entrants: Sequence[Entrant], palette: Palette, lines: list[go.Scatter], **y: Any) -> go.Figure:
    """Return a figure whose x axis has the epochs of the longest run."""
    return style.figure(palette, lines, x=style.epoch_axis(longest(entrants)), y=y)


def marked(entrants: Sequence[Entrant]) -> dict[str, Any]:
    """Return the layout of an `Update` with a mark at every live change of a run."""
    return marks.layout(marks.of_several([each.telemetry for each in entrants], longest(entrants)))


def describe_runs(entrants: Sequence[Entrant], describe: Callable[[Entrant], str | None]) -> str:
    """Return the names and descriptions of the runs, or "" without any.

    Example: "L2 λ 1 87.1 %, dropout ½ 86.4 %".
    """
    words = [(entrant.name, describe(entrant)) for entrant in entrants]
    return ", ".join(f"{name} {word}" for name, word in words if word)
