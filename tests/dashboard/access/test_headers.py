"""The security headers, and the pages that may show Regscope in a frame."""

from __future__ import annotations

import pytest

from dashboard.access.headers import EMBED, frame_ancestors, route_headers, security_headers
from engine import FieldError


def test_by_default_only_pages_of_the_server_may_show_regscope_in_a_frame(monkeypatch):
    monkeypatch.delenv(EMBED, raising=False)
    assert security_headers() == {
        "Content-Security-Policy": "frame-ancestors 'self'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }


def test_a_response_of_a_regscope_route_may_load_no_other_resource(monkeypatch):
    monkeypatch.delenv(EMBED, raising=False)
    policy = route_headers()["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("; frame-ancestors 'self'")
    assert route_headers().keys() == security_headers().keys()


@pytest.mark.parametrize(
    "origins",
    ["https://course.example.org", "http://127.0.0.1:8000 https://*.example.org:444", "*", " http://[::1]:80 "],
)
def test_pages_in_the_variable_may_show_regscope_in_a_frame(monkeypatch, origins):
    monkeypatch.setenv(EMBED, origins)
    assert frame_ancestors().split() == ["'self'", *origins.split()]


@pytest.mark.parametrize(
    "origins",
    [
        "course.example.org",
        "https://course.example.org/page",
        "https://a.example,https://b.example",
        "https://a.example; script-src *",
        "https://a.example\r\nSet-Cookie: a=b",
        "'none'",
        "https://",
        "javascript:alert(1)",
        "https://schön.example",
    ],
)
def test_a_text_that_is_not_an_origin_is_refused(monkeypatch, origins):
    monkeypatch.setenv(EMBED, origins)
    with pytest.raises(FieldError, match=EMBED):
        frame_ancestors()
