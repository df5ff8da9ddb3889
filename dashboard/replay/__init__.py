"""Replays: a run as one HTML file that needs no server and no network."""

from dashboard.replay.page import replay, replay_of

__all__ = ["replay", "replay_of"]
