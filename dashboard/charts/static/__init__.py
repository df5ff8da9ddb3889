"""Charts that stand still: made once from what is known, and shown by Streamlit's own chart. Nothing here knows it."""

from dashboard.charts.static import damage, fan, nearest

__all__ = ["damage", "fan", "nearest"]
