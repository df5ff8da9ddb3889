"""Several runs on the same axes: entrants in, Plotly figure out. Nothing here knows Streamlit or a browser."""

from dashboard.charts.overlays import table
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.overlays.overlay import VERSUS, Overlay

__all__ = ["VERSUS", "Entrant", "Overlay", "table"]
