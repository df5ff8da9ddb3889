"""One quantity over time in bounded memory, with its exact extremes."""

from __future__ import annotations

import numpy as np
from numpy import ndarray as Array

CAPACITY = 200  # buckets; twice as many fit before any merge, so the book's 400 epochs stay exact
MAX_CAPACITY = 10_000  # buckets; a stored series with more is damaged


class Series:
    """One quantity over time in bounded memory: when it is full, neighbours are merged and keep their extremes.

    Until then every point is exact. Afterwards a bucket holds the first and the last x, and the lowest,
    the highest and the last y of its points, so no spike is averaged away.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._room = np.empty((5, 2 * capacity), dtype=np.float64)  # x, low, high, last, the last x
        self._size = 0
        self._stride = 1  # points in a full bucket
        self._open = 0  # points that the last bucket still takes
        self.latest = self._latest_x = float("nan")

    def __len__(self) -> int:
        return self._size

    @property
    def exact(self) -> bool:
        """Whether no points were merged."""
        return self._stride == 1

    def append(self, x: float, y: float) -> None:
        """Append a point; x must be larger than all before."""
        self.extend(np.array([x], dtype=np.float64), np.array([y], dtype=np.float64))

    def extend(self, x: Array, y: Array) -> None:
        """Append points (k,), x rising; the same as `append` for each, without a loop over the points."""
        done = 0
        while done < len(y):  # one or two passes, and one more for every merge
            put = self._top_up if self._open else self._add_buckets
            done += put(x[done:], y[done:])
            self.latest, self._latest_x = float(y[done - 1]), float(x[done - 1])

    def _top_up(self, x: Array, y: Array) -> int:
        """Put points into the last bucket until it is full; return how many."""
        x, y = x[: self._open], y[: self._open]
        column = self._room[:, self._size - 1]
        # fmin and fmax ignore NaN, which stands for a missing measurement
        column[1:] = np.fmin(column[1], np.fmin.reduce(y)), np.fmax(column[2], np.fmax.reduce(y)), y[-1], x[-1]
        self._open -= len(y)
        return len(y)

    def _add_buckets(self, x: Array, y: Array) -> int:
        """Put points into new buckets until all are used; return how many."""
        if self._size == self._room.shape[1]:
            self._merge()
        y = y[: self._stride * (self._room.shape[1] - self._size)]
        starts = np.arange(0, len(y), self._stride)
        columns = self._room[:, self._size : self._size + len(starts)]
        columns[0] = x[starts]
        columns[1] = np.fmin.reduceat(y, starts)
        columns[2] = np.fmax.reduceat(y, starts)
        ends = np.minimum(starts + self._stride, len(y)) - 1
        columns[3], columns[4] = y[ends], x[ends]
        self._size += len(starts)
        self._open = -len(y) % self._stride
        return len(y)

    def _merge(self) -> None:
        x, low, high, last, end = self._room
        half = self._size // 2
        x[:half] = x[0 : 2 * half : 2]
        low[:half] = np.fmin(low[0 : 2 * half : 2], low[1 : 2 * half : 2])
        high[:half] = np.fmax(high[0 : 2 * half : 2], high[1 : 2 * half : 2])
        last[:half] = last[1 : 2 * half : 2]
        end[:half] = end[1 : 2 * half : 2]
        self._size = half
        self._stride *= 2

    def line(self) -> tuple[Array, Array]:
        """Return x and y (k,) of a line through every extreme that ends at the latest point.

        Each bucket gives two points, at its beginning and its middle. The first is the extreme that is
        nearer to the last y of the bucket before, so a falling curve is drawn falling. k is at most
        four times the capacity, plus one.
        """
        x, low, high, last = self._room[:4, : self._size]
        if self.exact or not self._size:
            return x.copy(), low.copy()
        ends = np.append(x[1:], self._latest_x)
        before = np.concatenate([low[:1], last[:-1]])
        with np.errstate(invalid="ignore"):  # ∞ − ∞, of a run that diverged
            falls = np.abs(high - before) < np.abs(low - before)
        first, second = np.where(falls, high, low), np.where(falls, low, high)
        along, y = np.stack([x, (x + ends) / 2], axis=1), np.stack([first, second], axis=1)
        return np.append(along, self._latest_x), np.append(y, self.latest)

    def buckets(self) -> dict[str, Array]:
        """Return copies of the buckets, each (k,): the first "x", the "end" x, and the "low", "high" and "last" y."""
        names = ("x", "low", "high", "last", "end")
        return {name: row.copy() for name, row in zip(names, self._room[:, : self._size], strict=True)}

    def until(self, x: float) -> Series:
        """Return a copy without the points after x.

        If points were merged, a bucket that reaches beyond x is left out: which of its values came
        before x is unknown.
        """
        past = Series(self._room.shape[1] // 2)
        size = int(np.searchsorted(self._room[4, : self._size], x, side="right"))
        past._room[:, :size] = self._room[:, :size]
        past._size, past._stride = size, self._stride
        if size:
            past._open = self._open if size == self._size else 0
            past.latest, past._latest_x = float(past._room[3, size - 1]), float(past._room[4, size - 1])
        return past

    def to_array(self) -> Array:
        """Return everything as one float64 array (k,), for `from_array`."""
        head = [self._room.shape[1] // 2, self._size, self._stride, self._open, self.latest, self._latest_x]
        rows = self._room[: 2 if self.exact else 5, : self._size]  # exact: low, high and last are one
        return np.concatenate([np.array(head, dtype=np.float64), rows.ravel()])

    @classmethod
    def from_array(cls, array: Array) -> Series:
        """Return the series of an array of `to_array`.

        Raises:
            ValueError: for an array that `to_array` cannot have returned.
        """
        if array.ndim != 1 or len(array) < 6 or not np.isfinite(array[:4]).all() or (array[:4] % 1).any():
            raise ValueError("not a serialized `Series`")
        capacity, size, stride, open_, rows = (*(int(value) for value in array[:4]), 2 if array[2] == 1 else 5)
        sound = 1 <= capacity <= MAX_CAPACITY and 0 <= size <= 2 * capacity and stride >= 1 and 0 <= open_ < stride
        if not sound or len(array) != 6 + rows * size:
            raise ValueError("not a serialized `Series`")
        series = cls(capacity)
        room = array[6:].reshape(rows, size)
        series._room[:, :size] = room if rows == 5 else room[[0, 1, 1, 1, 0]]
        series._size, series._stride, series._open = size, stride, open_
        series.latest, series._latest_x = float(array[4]), float(array[5])
        return series
