"""The worker's side of a run: a process that trains it, records it and reports."""
