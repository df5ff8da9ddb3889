"""Several runs on the same axes: entrants in, Plotly figure out. Nothing here knows Streamlit or a browser."""

from dashboard.charts.overlays import table
from dashboard.charts.overlays.catalogue import OVERLAYS
from dashboard.charts.overlays.entrant import Entrant

__all__ = ["OVERLAYS", "Entrant", "table"]
