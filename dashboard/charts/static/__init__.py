"""Static charts: made once and shown with `st.plotly_chart`. Nothing here imports Streamlit."""

from dashboard.charts.static import damage, fan, nearest

__all__ = ["damage", "fan", "nearest"]
