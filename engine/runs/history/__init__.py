"""The history of a run: series, snapshots and keyframes, and its telemetry at an earlier step."""
