"""Charts: telemetry in, Plotly figure out. Nothing here knows Streamlit or a browser."""

from dashboard.charts.panels.layouts import CUSTOM, LAYOUTS, panels_of
from dashboard.charts.panels.panel import PANELS, Panel
from dashboard.charts.update import Update

__all__ = ["CUSTOM", "LAYOUTS", "PANELS", "Panel", "Update", "panels_of"]
