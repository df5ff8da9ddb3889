"""Keyframes: the weights of a run at steps of its past, in bounded memory.

Every extract can be computed from a keyframe. The interval between keyframes grows with the run. If there are
too many, the keyframe with the closest neighbours is removed, so that the keyframes stay evenly spaced.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from engine.runs.extracts.keyframe import Keyframe, stored_bytes

MAX_KEYFRAMES = 128  # per run; a slider has hardly more pixels
MAX_BYTES = 16 << 20  # of the keyframes of a run
MAX_STORED_BYTES = 1 << 20  # of the keyframes of a run in the store
MIN_KEYFRAMES = 16  # of a run, also of a large network
HUGE_BYTES = 512 << 20  # of the keyframes of a run: beyond this there are fewer than `MIN_KEYFRAMES`
FEWEST_KEYFRAMES = 3  # of a run of any size: the first, the last and one between
MAX_FORK_DISTANCE = 0.02  # of a run, from the step of a fork to the keyframe at which it begins


def max_keyframes(nbytes: int, max_bytes: int = MAX_BYTES) -> int:
    """Return how many keyframes of `nbytes` each are kept: as many as fit into `max_bytes` bytes, but `MIN_KEYFRAMES`.

    If `MIN_KEYFRAMES` need more than `HUGE_BYTES`, there are fewer, and at least `FEWEST_KEYFRAMES`.
    """
    nbytes = max(1, nbytes)
    fewest = max(FEWEST_KEYFRAMES, min(MIN_KEYFRAMES, HUGE_BYTES // nbytes))
    return max(fewest, min(MAX_KEYFRAMES, max_bytes // nbytes))


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
    """The keyframes of one run, the earliest first. Those before the last one are kept as `Keyframe.as_stored`.

    Args:
        max_bytes: the maximum size of all keyframes, unless `max_keyframes` allows more.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._keyframes: list[Keyframe] = []
        self._max_bytes = max_bytes

    def __len__(self) -> int:
        return len(self._keyframes)

    def __iter__(self) -> Iterator[Keyframe]:
        return iter(self._keyframes)

    def add(self, keyframe: Keyframe) -> None:
        """Add the newest keyframe; it replaces the last one if both have the same step."""
        if self._keyframes and self._keyframes[-1].step == keyframe.step:
            self._keyframes.pop()
        if self._keyframes:
            self._keyframes[-1] = self._keyframes[-1].as_stored()
        self._keyframes.append(keyframe)
        nbytes = stored_bytes(keyframe.flat.nbytes, keyframe.flat.itemsize) if keyframe.exact else keyframe.flat.nbytes
        if len(self._keyframes) > max_keyframes(nbytes, self._max_bytes):
            del self._keyframes[densest_index([keyframe.step for keyframe in self._keyframes])]

    def drop_all_but_last(self) -> None:
        """Remove all keyframes but the last. Other threads may call `latest_at_or_before` at the same time."""
        self._keyframes = self._keyframes[-1:]

    def latest_at_or_before(self, step: int) -> Keyframe | None:
        """Return the newest keyframe that is not later than `step`, else None."""
        keyframes = self._keyframes  # `drop_all_but_last` may replace the list in the meantime
        index = bisect_right(keyframes, step, key=lambda keyframe: keyframe.step)
        return keyframes[index - 1] if index else None

    def forkable(self, step: int, total: int) -> bool:
        """Return whether a fork at a step begins near it: at most `MAX_FORK_DISTANCE` of the run before it.

        Args:
            step: updates done. total: updates of the whole run, also those that are not done yet.
        """
        keyframe = self.latest_at_or_before(step)
        return keyframe is not None and step - keyframe.step <= max(1.0, MAX_FORK_DISTANCE * total)
