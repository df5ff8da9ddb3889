"""Charts: telemetry in, Plotly figure out. Nothing here imports Streamlit."""

from dashboard.charts.panel import Panel
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import CUSTOM, LAYOUTS, panels_of
from dashboard.charts.update import Update

__all__ = ["CUSTOM", "LAYOUTS", "PANELS", "Panel", "Update", "panels_of"]
