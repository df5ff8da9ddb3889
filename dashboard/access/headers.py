"""The security headers of every answer, and the pages that may show Regscope in a frame."""

from __future__ import annotations

import os
import re

from engine.errors import FieldError

EMBED = "REGSCOPE_EMBED"  # the environment variable with the origins of pages that may show Regscope in a frame
# `*`, or a scheme, a host that may begin with "*.", and a port: no text that could end the policy or the header
ORIGIN = re.compile(r"\*|https?://(\*\.)?[\w.-]+(:\d{1,5})?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?", re.ASCII)


def security_headers() -> dict[str, str]:
    """Return the headers of every answer.

    Raises:
        FieldError: if `REGSCOPE_EMBED` is not a list of origins.
    """
    return {
        # otherwise a page could show Regscope invisibly and lead clicks onto its buttons (clickjacking)
        "Content-Security-Policy": f"frame-ancestors {frame_ancestors()}",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",  # the address names the run and its settings
    }


def route_headers() -> dict[str, str]:
    """Return the headers of Regscope's own routes. As a document, their answers may load and run nothing."""
    headers = security_headers()
    policy = headers["Content-Security-Policy"]
    return headers | {"Content-Security-Policy": f"default-src 'none'; base-uri 'none'; form-action 'none'; {policy}"}


def frame_ancestors() -> str:
    """Return the pages that may show Regscope in a frame: its own, and those of `REGSCOPE_EMBED`.

    Raises:
        FieldError: if `REGSCOPE_EMBED` is not a list of origins.
    """
    origins = os.environ.get(EMBED, "").split()
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise FieldError(
                EMBED,
                f"must be origins such as https://course.example.org, separated by spaces, got {origin!r:.60}: "
                "leave out paths, commas and quotes",
            )
    return " ".join(["'self'", *origins])
