"""The origins whose pages may open a WebSocket: the server's own, and those that a person has listed.

Streamlit's check allows every port of localhost, and looks up the addresses of this machine over the network, on the
event loop: offline, each refused socket stops the server for seconds. This check needs no network.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from dashboard.access.hosts import host_name, server_hosts

PORTS = {"http": 80, "https": 443}


def request_allowed(host: str | None, origin: str | None) -> bool:
    """Return whether a WebSocket request names this server and comes from one of its own pages."""
    return server_hosts().allow(host) and origin_allowed(origin, host)


def origin_allowed(origin: str | None, host: str | None) -> bool:
    """Return whether a page of this origin may use the server.

    Args:
        origin: the Origin header; None if the client is not a browser.
        host: the Host header of the same request.
    """
    if origin is None or not st.get_option("server.enableCORS"):
        return True
    if origin in {listed.strip().rstrip("/") for listed in st.get_option("server.corsAllowedOrigins")}:
        return True
    try:
        page, server = urlsplit(origin), urlsplit(f"//{host or ''}")
        default = PORTS.get(page.scheme)
        same_port = (page.port or default) == (server.port or default)
    except ValueError:  # an invalid URL like "http://["
        return False
    return default is not None and same_port and page.hostname is not None and host_name(page.netloc) == host_name(host)
