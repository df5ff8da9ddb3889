"""Charts: telemetry in, Plotly figure out. Nothing here knows Streamlit or a browser."""

from dashboard.charts.panel import PANELS, Panel, panels_of
from dashboard.charts.update import Update

__all__ = ["PANELS", "Panel", "Update", "panels_of"]
