"""The worker processes: starting, sending commands, keeping one ready."""
