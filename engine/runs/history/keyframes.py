"""Keyframes: the weights of a run at steps of its past, in bounded memory.

Every extract can be computed from a keyframe. The interval between keyframes grows with the run. If there are
too many, the keyframe with the closest neighbours is removed, so that the keyframes stay evenly spaced.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from engine.runs.extracts.keyframe import Keyframe

MAX_KEYFRAMES = 128  # per run; a slider has hardly more pixels
MAX_BYTES = 16 << 20  # of all keyframes of a run
MIN_KEYFRAMES = 8  # per run, also for a large network


def max_keyframes(nbytes: int, max_bytes: int = MAX_BYTES, min_count: int = MIN_KEYFRAMES) -> int:
    """Return how many keyframes of `nbytes` bytes each fit into `max_bytes`, but at least `min_count`."""
    return max(min_count, min(MAX_KEYFRAMES, max_bytes // max(1, nbytes)))


def keyframe_interval(step: int, max_count: int) -> int:
    """Return the number of updates from one keyframe to the next; it grows with the step."""
    return max(1, step // max_count)


def densest_index(steps: Sequence[int]) -> int:
    """Return the index of the step with the closest neighbours; never the first or the last.

    For n ≥ 3 steps that span T updates, the neighbours of this step are at most 2T/(n − 2) apart, because the
    n − 2 distances between the neighbours of an inner step sum to at most 2T. This is therefore the longest gap that
    its removal can leave. If every second step were removed instead, the early gaps would double again and again.
    """
    return min(range(1, len(steps) - 1), key=lambda index: steps[index + 1] - steps[index - 1])


class Keyframes:
    """The keyframes of one run, the earliest first.

    Args:
        max_bytes: the maximum size of all keyframes.
        min_count: the number of keyframes that are kept even if they exceed `max_bytes`; at least three.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, min_count: int = MIN_KEYFRAMES) -> None:
        self._keyframes: list[Keyframe] = []
        self._max_bytes, self._min_count = max_bytes, min_count

    def __len__(self) -> int:
        return len(self._keyframes)

    def __iter__(self) -> Iterator[Keyframe]:
        return iter(self._keyframes)

    def add(self, keyframe: Keyframe) -> None:
        """Add the newest keyframe; it replaces the last one if both have the same step."""
        if self._keyframes and self._keyframes[-1].step == keyframe.step:
            self._keyframes.pop()
        self._keyframes.append(keyframe)
        if len(self._keyframes) > max_keyframes(keyframe.flat.nbytes, self._max_bytes, self._min_count):
            del self._keyframes[densest_index([keyframe.step for keyframe in self._keyframes])]

    def drop_all_but_last(self) -> None:
        """Remove all keyframes but the last. Other threads may call `latest_at_or_before` at the same time."""
        self._keyframes = self._keyframes[-1:]

    def latest_at_or_before(self, step: int) -> Keyframe | None:
        """Return the newest keyframe that is not later than `step`, else None."""
        keyframes = self._keyframes  # `drop_all_but_last` may replace the list in the meantime
        index = bisect_right(keyframes, step, key=lambda keyframe: keyframe.step)
        return keyframes[index - 1] if index else None
