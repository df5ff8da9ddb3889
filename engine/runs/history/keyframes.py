"""Keyframes: the weights of a run at steps of its past, in bounded memory.

Every extract can be made from a keyframe, as it was then. The interval between keyframes grows with
the run, and when there are too many, the one with the closest neighbours is removed: the keyframes
are spread about evenly over the whole run.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from engine.runs.extracts.keyframe import Keyframe

MAX_KEYFRAMES = 128  # of a run: a slider has hardly more pixels
MAX_BYTES = 16 << 20  # of the keyframes of a run
MIN_KEYFRAMES = 8  # of a run, also of a large network


def max_keyframes(nbytes: int, room: int = MAX_BYTES, fewest: int = MIN_KEYFRAMES) -> int:
    """Return how many keyframes of `nbytes` each fit into `room` bytes; at least `fewest`, which is at least three."""
    return max(fewest, min(MAX_KEYFRAMES, room // max(1, nbytes)))


def spacing(step: int, most: int) -> int:
    """Return the number of updates from one keyframe to the next; it grows with the updates done."""
    return max(1, step // most)


def densest_index(steps: Sequence[int]) -> int:
    """Return the index of the step with the closest neighbours, among at least three; never the first or the last.

    Of n steps that span T updates, the closest two neighbours of a step are at most 2T/(n − 2) apart,
    so removing that step never makes a longer gap. Removing every second step instead would thin out
    the early ones again and again: 64 new keyframes come while a run grows by two thirds, and each time
    the early gaps would double.
    """
    return min(range(1, len(steps) - 1), key=lambda at: steps[at + 1] - steps[at - 1])


class Keyframes:
    """The keyframes of one run, the earliest first.

    Args:
        room: the most bytes. fewest: the number that is kept even if they need more; at least three.
    """

    def __init__(self, room: int = MAX_BYTES, fewest: int = MIN_KEYFRAMES) -> None:
        self._kept: list[Keyframe] = []
        self._room, self._fewest = room, fewest

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Keyframe]:
        return iter(self._kept)

    def add(self, keyframe: Keyframe) -> None:
        """Add a keyframe that is later than all others; one of the same step as the last replaces it."""
        if self._kept and self._kept[-1].step == keyframe.step:
            self._kept.pop()
        self._kept.append(keyframe)
        if len(self._kept) > max_keyframes(keyframe.flat.nbytes, self._room, self._fewest):
            del self._kept[densest_index([each.step for each in self._kept])]

    def keep_last(self) -> None:
        """Remove all but the last."""
        self._kept = self._kept[-1:]

    def before(self, step: int) -> Keyframe | None:
        """Return the newest keyframe that is not later than a step; None if there is none."""
        at = bisect_right(self._kept, step, key=lambda keyframe: keyframe.step)
        return self._kept[at - 1] if at else None
