"""The runs in the server: worker processes, the queue, states, forks and results."""
