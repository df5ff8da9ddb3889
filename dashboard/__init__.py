"""The dashboard: widgets in, live charts out."""
