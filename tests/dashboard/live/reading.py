"""Frames and bodies as a browser reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest


def read(frame: str | None) -> dict[str, Any]:
    """Parse a frame; fail if there is none, or if it has a number that JSON does not allow."""
    assert frame is not None
    body: dict[str, Any] = json.loads(frame, parse_constant=lambda name: pytest.fail(f"{name} is not valid JSON"))
    return body


def joined(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Apply the changes `new` to the body `old`; the first `from` characters of an array are those of `old`."""
    if "traces" not in new or "traces" not in old:
        return new
    traces = []
    for i, trace in enumerate(new["traces"]):
        complete = dict(old["traces"][i]) if i < len(old["traces"]) else {}
        for name, value in trace.items():
            if isinstance(value, dict) and "from" in value:
                assert value["from"] <= len(complete[name]["bdata"])
                bdata = complete[name]["bdata"][: value["from"]] + value["bdata"]
                value = {"dtype": value["dtype"], "bdata": bdata}
            complete[name] = value
        traces.append(complete)
    return {**old, **new, "traces": traces, "layout": {**old["layout"], **new["layout"]}}
