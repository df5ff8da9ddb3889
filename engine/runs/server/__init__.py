"""The server's side of a run: starting workers, queueing, following them, and forking."""
