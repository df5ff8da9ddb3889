"""The names of this server: the values of the Host header that it answers.

A page on the web can let its own name point at 127.0.0.1 (DNS rebinding). Its scripts can then read and control a
server on this machine, because the browser takes both for the same site. The Host header of such a request contains the
foreign name, so a request for an unknown name is refused.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

import streamlit as st

LOOPBACK = ("localhost", "127.0.0.1", "::1")  # always allowed; .streamlit/config.toml has the same list
ANY_HOST = "*"


@dataclass(frozen=True)
class Hosts:
    """The host names that the server answers.

    Attributes:
        names: in lower case. "*.example.org" stands for all names below example.org, "*" for every name.
        any_address: whether every IP address is allowed, too. An address cannot be rebound, only a name can. A server
            that answers other machines may have addresses that it does not know, behind a router or a container.
    """

    names: tuple[str, ...]
    any_address: bool

    def allow(self, host: str | None) -> bool:
        """Return whether a Host header, with or without a port, names this server."""
        name = host_name(host)
        if name is None:
            return False
        return any(_matches(name, pattern) for pattern in self.names) or (
            self.any_address and _address(name) is not None
        )

    @property
    def streamlit_names(self) -> list[str]:
        """The names for Streamlit's option `server.allowedHosts`, which has no pattern for every IP address."""
        return [ANY_HOST] if self.any_address else list(self.names)


@lru_cache
def server_hosts() -> Hosts:
    """Return the names of this server, from its options.

    They are read once, because the server sets `server.allowedHosts` afterwards.
    """
    given = [*st.get_option("server.allowedHosts"), st.get_option("browser.serverAddress") or ""]
    return hosts_of(st.get_option("server.address"), given)


def hosts_of(address: str | None, names: Iterable[str] = ()) -> Hosts:
    """Return the names of a server.

    Args:
        address: that the server listens on; None or "" for all addresses of the machine.
        names: further names, given by a person.
    """
    own = [] if is_loopback(address) else [address or "", *_machine_names()]
    cleaned = (name.strip().split("/")[0].lower().rstrip(".") for name in (*LOOPBACK, *names, *own))
    return Hosts(tuple(dict.fromkeys(filter(None, cleaned))), any_address=not is_loopback(address))


def is_loopback(address: str | None) -> bool:
    """Return whether a server on this address answers its own machine only. Streamlit takes None for all addresses."""
    if not address:
        return False
    parsed = _address(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return parsed.is_loopback if parsed is not None else address.lower().rstrip(".") == "localhost"


def host_name(host: str | None) -> str | None:
    """Return the name in a Host header in lower case, without the port; None if the header is missing or invalid."""
    try:
        parts = urlsplit(f"//{host or ''}")
        _ = parts.port  # raises for an invalid port
    except ValueError:
        return None
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    return (parts.hostname or "").rstrip(".") or None


def _matches(name: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return pattern in (name, ANY_HOST)


def _machine_names() -> list[str]:
    name = socket.gethostname()
    short = name.split(".")[0]
    return [name, short, f"{short}.local"] if short else []


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
