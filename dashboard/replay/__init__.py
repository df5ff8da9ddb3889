"""A run as one HTML file that plays it again: no server, no network, nothing beside it."""

from dashboard.replay.page import replay, replay_of

__all__ = ["replay", "replay_of"]
