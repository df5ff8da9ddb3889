"""Panels for several runs on the same axes."""

from dashboard.charts.overlays import table
from dashboard.charts.overlays.catalogue import OVERLAYS
from dashboard.charts.overlays.entrant import Entrant

__all__ = ["OVERLAYS", "Entrant", "table"]
