"""The parts of a frame as JSON: complete, or only the changes since the version that a viewer has."""

from __future__ import annotations

import json
from typing import Any, TypeGuard

MIN_SHARED_PREFIX = 64  # base64 characters; an array with a shorter common prefix is sent complete


def dumps(body: Any) -> str:
    """Return the JSON of a body.

    Raises:
        ValueError: if the body contains NaN or an infinite number, which JSON does not allow.
    """
    return json.dumps(body, separators=(",", ":"), allow_nan=False)


class Part:
    """One version of a part of a frame; the part is the status or a panel.

    Args:
        sequence: a number that grows whenever the part changes.
        body: the complete body.
        previous: the previous version.

    Raises:
        ValueError: if the body cannot be written as JSON.
    """

    def __init__(self, sequence: int, body: dict[str, Any], previous: Part | None) -> None:
        self.sequence, self.body = sequence, body
        # not the `Part` itself, which would keep all earlier versions in memory
        self._previous = (previous.sequence, previous.body) if previous else None
        self._complete = dumps(body)  # here, so that the constructor raises if the body is not valid
        self._difference: str | None = None

    def json_since(self, seen_sequence: int | None) -> str:
        """Return the JSON for a viewer.

        Args:
            seen_sequence: the sequence number of the version that the viewer has; None if it has none.
        """
        if self._previous is not None and seen_sequence == self._previous[0]:
            if self._difference is None:
                self._difference = dumps(difference(self._previous[1], self.body))
            return self._difference
        return self._complete


def difference(previous: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return the changes from one body of a panel to the next.

    If an array has grown or changed at its end, only the new end is returned, and `from` is the number of base64
    characters that do not change. Equal attributes of the layout and equal texts are omitted.
    """
    if "traces" not in body or "traces" not in previous or len(previous["traces"]) != len(body["traces"]):
        return body
    traces = [
        _trace_difference(old_trace, new_trace)
        for old_trace, new_trace in zip(previous["traces"], body["traces"], strict=True)
    ]
    layout = {name: value for name, value in body["layout"].items() if previous["layout"].get(name) != value}
    other_changes = {
        name: value for name, value in body.items() if name not in ("traces", "layout") and previous.get(name) != value
    }
    return {**other_changes, "traces": traces, "layout": layout}


def _trace_difference(old_trace: dict[str, Any], new_trace: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, value in new_trace.items():
        old_value = old_trace.get(name)
        if value == old_value:
            continue
        changes[name] = value
        if _is_one_dimensional(value) and _is_one_dimensional(old_value) and value["dtype"] == old_value["dtype"]:
            # a multiple of four characters, which encode three bytes
            shared_length = shared_prefix(old_value["bdata"], value["bdata"]) // 4 * 4
            if shared_length >= MIN_SHARED_PREFIX:
                changes[name] = {
                    "dtype": value["dtype"],
                    "from": shared_length,
                    "bdata": value["bdata"][shared_length:],
                }
    return changes


def _is_one_dimensional(value: Any) -> TypeGuard[dict[str, str]]:
    """Return whether a value is a one-dimensional array of `encode_array`; only such arrays grow at their end."""
    return isinstance(value, dict) and value.keys() == {"dtype", "bdata"}


def shared_prefix(first: str, second: str) -> int:
    """Return the length of the common prefix of two texts."""
    low, high = 0, min(len(first), len(second))
    while low < high:  # binary search: comparing slices is much faster than comparing characters in a loop
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
