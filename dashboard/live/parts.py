"""The parts of a frame as JSON: complete, or the changes since the version that a viewer has."""

from __future__ import annotations

import json
from typing import Any, TypeGuard

MIN_SHARED_PREFIX = 64  # base64 characters; with a shorter common prefix, the complete array is sent


def dumps(body: Any) -> str:
    """Return the JSON of a body.

    Raises:
        ValueError: for NaN or an infinite number, which a browser cannot read.
    """
    return json.dumps(body, separators=(",", ":"), allow_nan=False)


class Part:
    """One version of a part of a frame, which is the status or a panel.

    Args:
        sequence: a number that grows whenever the part changes. body: complete. before: the previous version.

    Raises:
        ValueError: if the body cannot be written as JSON.
    """

    def __init__(self, sequence: int, body: dict[str, Any], before: Part | None) -> None:
        self.sequence, self.body = sequence, body
        self._before = (
            (before.sequence, before.body) if before else None
        )  # not the part: it would keep all earlier ones
        self._complete = dumps(body)  # in the constructor, so that an error is raised where the body was made
        self._difference: str | None = None

    def since(self, seen: int | None) -> str:
        """Return the JSON for a viewer that has the version with the sequence number `seen`; None for no version."""
        if self._before is not None and seen == self._before[0]:
            if self._difference is None:
                self._difference = dumps(difference(self._before[1], self.body))
            return self._difference
        return self._complete


def difference(before: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return the changes from one body of a panel to the next.

    Of an array that has grown, or changed at its end, only the new end is returned: `from` is the number of base64
    characters that stay. Equal attributes of the layout and equal texts are left out.
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
    """Return whether a value is a one-dimensional array of `encode_array`. Only such an array grows at its end."""
    return isinstance(value, dict) and value.keys() == {"dtype", "bdata"}


def shared_prefix(one: str, other: str) -> int:
    """Return the length of the common prefix of two texts."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # comparing slices is far faster than comparing characters in a loop
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
