"""Origins whose pages may open a WebSocket."""

from __future__ import annotations

import pytest
import streamlit as st

from dashboard.access import origins
from dashboard.access.origins import origin_allowed, request_allowed

HOST = "localhost:8501"


@pytest.fixture
def option(monkeypatch):
    """Return a function that sets an option of Streamlit."""
    options: dict[str, object] = {}
    original = st.get_option
    monkeypatch.setattr(origins.st, "get_option", lambda name: options.get(name, original(name)))
    return options.__setitem__


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (None, HOST),
        ("http://localhost:8501", HOST),
        ("http://LOCALHOST:8501", HOST),
        ("http://[::1]:8501", "[::1]:8501"),
        ("http://lab.example", "lab.example"),
        ("https://lab.example", "lab.example:443"),  # behind a proxy that adds the port
        ("https://lab.example", "lab.example"),
    ],
)
def test_pages_of_the_server_and_programs_are_allowed(origin, host):
    assert origin_allowed(origin, host)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:8502",
        "http://localhost",
        "https://localhost",
        "http://127.0.0.1:8501",
        "https://elsewhere.example",
        "http://localhost:8501.elsewhere.example",
        "http://localhost.elsewhere.example:8501",
        "http://elsewhere.example@localhost:8502",
        "null",
        "",
        "file://",
        "chrome-extension://localhost:8501",
        "http://[",
        "http://localhost:99999",
        "localhost:8501",
    ],
)
def test_other_pages_are_refused(origin):
    assert not origin_allowed(origin, HOST)


def test_the_check_uses_no_network(monkeypatch):
    def unreachable(*arguments: object) -> None:
        raise AssertionError("a look-up on the network would block the event loop")

    monkeypatch.setattr("socket.getaddrinfo", unreachable)
    monkeypatch.setattr("socket.socket", unreachable)
    assert not request_allowed(HOST, "https://elsewhere.example")


def test_a_listed_origin_is_allowed(option):
    option("server.corsAllowedOrigins", ["https://course.example/"])
    assert origin_allowed("https://course.example", HOST)
    assert not origin_allowed("https://other.example", HOST)


def test_an_option_of_the_server_switches_the_check_off(option):
    option("server.enableCORS", False)
    assert origin_allowed("https://elsewhere.example", HOST)


def test_host_and_origin_are_both_checked():
    assert request_allowed(HOST, "http://localhost:8501")
    assert not request_allowed("rebound.example:8501", "http://rebound.example:8501")
    assert not request_allowed("rebound.example:8501", None)
