"""The store: every run of a machine in one SQLite file."""
