"""Keyframes: a run's weights at moments of its past, in bounded room.

A keyframe is what one looks back with: every view of a board can be made from it, as it was then.
They come the more seldom the longer a run has trained, and when there are too many the one goes that is
missed least: so they always lie about evenly over the whole run.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from engine.runs.extracts.keyframe import Keyframe

MOST = 128  # keyframes of a run: a scrubber has not many more pixels to stop at
ROOM = 16 << 20  # bytes of a run's keyframes
FEWEST = 8  # whatever the size of the network


def most_of(nbytes: int, room: int = ROOM, fewest: int = FEWEST) -> int:
    """How many keyframes of that size a run keeps in so many bytes; `fewest`, at least three, whatever their size."""
    return max(fewest, min(MOST, room // max(1, nbytes)))


def spacing(step: int, most: int) -> int:
    """How many updates to let pass until the next keyframe: the more have been done, the more."""
    return max(1, step // most)


def least_missed(steps: Sequence[int]) -> int:
    """Which of at least three to let go: the one whose neighbours are the closest; the first and the last stay.

    Of n that span T updates two next neighbours are at most 2T/(n − 2) apart on the average, and so
    no longer gap ever comes of letting one go. To halve them all, time and again, would thin out the
    early ones for ever: 64 more come while a run grows by two thirds, and each time the gaps would double.
    """
    return min(range(1, len(steps) - 1), key=lambda at: steps[at + 1] - steps[at - 1])


class Keyframes:
    """The keyframes of one run, the earliest first.

    Args:
        room: bytes. fewest: are kept whatever their size, at least three.
    """

    def __init__(self, room: int = ROOM, fewest: int = FEWEST) -> None:
        self._kept: list[Keyframe] = []
        self._room, self._fewest = room, fewest

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Keyframe]:
        return iter(self._kept)

    def add(self, keyframe: Keyframe) -> None:
        """Add one that is later than all others; one of the same step takes the other's place."""
        if self._kept and self._kept[-1].step == keyframe.step:
            self._kept.pop()
        self._kept.append(keyframe)
        if len(self._kept) > most_of(keyframe.flat.nbytes, self._room, self._fewest):
            del self._kept[least_missed([each.step for each in self._kept])]

    def keep_last(self) -> None:
        """Let all but the last go."""
        self._kept = self._kept[-1:]

    def before(self, step: int) -> Keyframe | None:
        """The newest one that is not later than a step; None where there is none."""
        at = bisect_right(self._kept, step, key=lambda keyframe: keyframe.step)
        return self._kept[at - 1] if at else None
