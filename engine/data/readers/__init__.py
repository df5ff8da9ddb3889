"""Readers of people's own files: CSV, NPZ and IDX, each into a checked table."""
