"""Replays: runs as HTML files that need no server and no network."""
