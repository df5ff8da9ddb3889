"""The worker: a process of its own that trains one run."""
