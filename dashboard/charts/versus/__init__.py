"""Several runs on the same axes: entrants in, Plotly figure out. Nothing here knows Streamlit or a browser."""

from dashboard.charts.versus import table
from dashboard.charts.versus.entrant import Entrant
from dashboard.charts.versus.overlay import VERSUS, Overlay

__all__ = ["VERSUS", "Entrant", "Overlay", "table"]
