"""The parts of a frame as JSON: whole, or what changed since the part that a viewer has."""

from __future__ import annotations

import json
from typing import Any, TypeGuard

MIN_SHARED_PREFIX = 64  # characters of an array's base64 that must be the same before only its end is sent


def dumps(body: Any) -> str:
    """Return the JSON of a body.

    Raises:
        ValueError: for a NaN or an infinite number: a browser could not read the frame and would request no other.
    """
    return json.dumps(body, separators=(",", ":"), allow_nan=False)


class Part:
    """One part of a frame, the status or a panel, with what changed since the part before.

    Args:
        sequence: grows whenever the part changes. body: the whole of it. before: the part before.

    Raises:
        ValueError: for a body that JSON cannot hold.
    """

    def __init__(self, sequence: int, body: dict[str, Any], before: Part | None) -> None:
        self.sequence, self.body = sequence, body
        self._before = (before.sequence, before.body) if before else None  # not the part: it holds its own predecessor
        self._whole = dumps(body)  # at once: whoever made the body must see the error
        self._difference: str | None = None

    def since(self, seen: int | None) -> str:
        """Return the JSON for a viewer that has the part with the sequence number `seen`."""
        if self._before is not None and seen == self._before[0]:
            if self._difference is None:
                self._difference = dumps(difference(self._before[1], self.body))
            return self._difference
        return self._whole


def difference(before: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return a panel's body without what a viewer has from the body before.

    An array that has only grown, or changed at its end, is sent as its new end: `from` is the number of characters of
    the base64 that stay. Layout and texts that are the same are left out.
    """
    if "traces" not in body or "traces" not in before or len(before["traces"]) != len(body["traces"]):
        return body
    traces = [_trace_difference(old, new) for old, new in zip(before["traces"], body["traces"], strict=True)]
    layout = {name: value for name, value in body["layout"].items() if before["layout"].get(name) != value}
    others = {
        name: value for name, value in body.items() if name not in ("traces", "layout") and before.get(name) != value
    }
    return {**others, "traces": traces, "layout": layout}


def _trace_difference(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in new.items():
        before = old.get(name)
        if value == before:
            continue
        found[name] = value
        if _is_line(value) and _is_line(before) and value["dtype"] == before["dtype"]:
            same = shared_prefix(before["bdata"], value["bdata"]) // 4 * 4  # four characters are three bytes
            if same >= MIN_SHARED_PREFIX:
                found[name] = {"dtype": value["dtype"], "from": same, "bdata": value["bdata"][same:]}
    return found


def _is_line(value: Any) -> TypeGuard[dict[str, str]]:
    """Whether it is an array of one dimension, as `style.typed` returns it: only such an array grows at its end."""
    return isinstance(value, dict) and value.keys() == {"dtype", "bdata"}


def shared_prefix(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # slices are compared by memcmp, far faster than character by character
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
