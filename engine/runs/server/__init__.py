"""The server's side of the runs: worker processes, the queue, states, forks and results."""
