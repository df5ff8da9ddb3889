"""The warning of a server that answers other machines."""

from __future__ import annotations

from dashboard.access.hosts import is_loopback


def exposure_warning(address: str | None, port: int) -> str | None:
    """Return what others can do on a server at this address; None if it answers its own machine only."""
    if is_loopback(address):
        return None
    return (
        f"Warning: this server answers other machines, on {address or 'all addresses'}, port {port}. "
        "There is no login.\n"
        "Everybody who reaches it can start, change, stop, see, export and delete all runs, add and remove data sets, "
        "and use the processors and the disk of this machine.\n"
        "On a network that you do not trust, start it without --address, or behind a proxy with a password: "
        "see docs/serving.md."
    )
