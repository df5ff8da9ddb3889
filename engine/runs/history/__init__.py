"""What is kept of a run: series, snapshots and keyframes, and looking back at them."""
