"""The worker of a run: a process that trains the run, records it and sends reports."""
