"""One quantity over time in bounded memory, with its exact extremes."""

from __future__ import annotations

import numpy as np
from numpy import ndarray as Array

CAPACITY = 200  # buckets; twice as many fit before the first merge, so the book's 400 epochs stay exact
MAX_CAPACITY = 10_000  # buckets; a stored series with more is damaged


class Series:
    """One quantity over time in bounded memory.

    A bucket contains the first and the last x, and the lowest, the highest and the last y of its points. At first every
    bucket is one point. When the memory is full, neighbouring buckets are merged. Merging keeps the extremes, so no
    spike is averaged away.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._buckets = np.empty((5, 2 * capacity), dtype=np.float64)  # rows: x, low, high, last, the last x
        self._size = 0
        self._points_per_bucket = 1  # in a full bucket
        self._free_in_last_bucket = 0  # number of points
        self.latest = self._latest_x = float("nan")

    def __len__(self) -> int:
        return self._size

    @property
    def is_exact(self) -> bool:
        """Whether no points were merged."""
        return self._points_per_bucket == 1

    def append(self, x: float, y: float) -> None:
        """Append a point; x must be larger than all earlier x."""
        self.extend(np.array([x], dtype=np.float64), np.array([y], dtype=np.float64))

    def extend(self, x: Array, y: Array) -> None:
        """Append points (k,) with increasing x, without a loop over the points."""
        added = 0
        while added < len(y):  # one or two passes, plus one for every merge
            add_points = self._fill_last_bucket if self._free_in_last_bucket else self._add_buckets
            added += add_points(x[added:], y[added:])
            self.latest, self._latest_x = float(y[added - 1]), float(x[added - 1])

    def _fill_last_bucket(self, x: Array, y: Array) -> int:
        """Add points to the last bucket until it is full; return their number."""
        x, y = x[: self._free_in_last_bucket], y[: self._free_in_last_bucket]
        column = self._buckets[:, self._size - 1]
        # fmin and fmax ignore NaN, which is a missing measurement
        column[1:] = np.fmin(column[1], np.fmin.reduce(y)), np.fmax(column[2], np.fmax.reduce(y)), y[-1], x[-1]
        self._free_in_last_bucket -= len(y)
        return len(y)

    def _add_buckets(self, x: Array, y: Array) -> int:
        """Add points in new buckets until there is no free bucket; return their number."""
        if self._size == self._buckets.shape[1]:
            self._merge()
        y = y[: self._points_per_bucket * (self._buckets.shape[1] - self._size)]
        starts = np.arange(0, len(y), self._points_per_bucket)
        columns = self._buckets[:, self._size : self._size + len(starts)]
        columns[0] = x[starts]
        columns[1] = np.fmin.reduceat(y, starts)
        columns[2] = np.fmax.reduceat(y, starts)
        ends = np.minimum(starts + self._points_per_bucket, len(y)) - 1
        columns[3], columns[4] = y[ends], x[ends]
        self._size += len(starts)
        self._free_in_last_bucket = -len(y) % self._points_per_bucket
        return len(y)

    def _merge(self) -> None:
        x, low, high, last, end = self._buckets
        half = self._size // 2
        x[:half] = x[0 : 2 * half : 2]
        low[:half] = np.fmin(low[0 : 2 * half : 2], low[1 : 2 * half : 2])
        high[:half] = np.fmax(high[0 : 2 * half : 2], high[1 : 2 * half : 2])
        last[:half] = last[1 : 2 * half : 2]
        end[:half] = end[1 : 2 * half : 2]
        self._size = half
        self._points_per_bucket *= 2

    def line(self) -> tuple[Array, Array]:
        """Return x and y (k,) of a line through all extremes, which ends at the latest point.

        Each bucket has two points on the line, at its beginning and its middle. The first is the extreme that is
        nearer to the last y of the previous bucket, so that a falling curve is drawn falling. k is at most
        four times the capacity, plus one.
        """
        x, low, high, last = self._buckets[:4, : self._size]
        if self.is_exact or not self._size:
            return x.copy(), low.copy()
        ends = np.append(x[1:], self._latest_x)
        previous = np.concatenate([low[:1], last[:-1]])
        with np.errstate(invalid="ignore"):  # ∞ − ∞ in a diverged run
            high_first = np.abs(high - previous) < np.abs(low - previous)
        first, second = np.where(high_first, high, low), np.where(high_first, low, high)
        bucket_x, y = np.stack([x, (x + ends) / 2], axis=1), np.stack([first, second], axis=1)
        return np.append(bucket_x, self._latest_x), np.append(y, self.latest)

    def buckets(self) -> dict[str, Array]:
        """Return copies of the buckets, each (k,): the first "x", the "end" x, and the "low", "high" and "last" y."""
        names = ("x", "low", "high", "last", "end")
        return {name: row.copy() for name, row in zip(names, self._buckets[:, : self._size], strict=True)}

    def truncated_after(self, x: float) -> Series:
        """Return a copy without the points after x.

        A merged bucket that ends after x is left out, because its values up to x are unknown.
        """
        truncated = Series(self._buckets.shape[1] // 2)
        size = int(np.searchsorted(self._buckets[4, : self._size], x, side="right"))
        truncated._buckets[:, :size] = self._buckets[:, :size]
        truncated._size, truncated._points_per_bucket = size, self._points_per_bucket
        if size:
            truncated._free_in_last_bucket = self._free_in_last_bucket if size == self._size else 0
            truncated.latest = float(truncated._buckets[3, size - 1])
            truncated._latest_x = float(truncated._buckets[4, size - 1])
        return truncated

    def to_array(self) -> Array:
        """Return the content as one float64 array (k,), for `from_array`."""
        header = [
            self._buckets.shape[1] // 2,
            self._size,
            self._points_per_bucket,
            self._free_in_last_bucket,
            self.latest,
            self._latest_x,
        ]
        rows = self._buckets[: 2 if self.is_exact else 5, : self._size]  # if exact, low, high and last are equal
        return np.concatenate([np.array(header, dtype=np.float64), rows.ravel()])

    @classmethod
    def from_array(cls, array: Array) -> Series:
        """Return the series from an array of `to_array`.

        Raises:
            ValueError: if the array is not from `to_array`.
        """
        if array.ndim != 1 or len(array) < 6 or not np.isfinite(array[:4]).all() or (array[:4] % 1).any():
            raise ValueError("not a serialized `Series`")
        capacity, size, points_per_bucket, free_in_last_bucket = (int(value) for value in array[:4])
        rows = 2 if points_per_bucket == 1 else 5
        is_valid = (
            1 <= capacity <= MAX_CAPACITY
            and 0 <= size <= 2 * capacity
            and points_per_bucket >= 1
            and 0 <= free_in_last_bucket < points_per_bucket
        )
        if not is_valid or len(array) != 6 + rows * size:
            raise ValueError("not a serialized `Series`")
        series = cls(capacity)
        values = array[6:].reshape(rows, size)
        series._buckets[:, :size] = values if rows == 5 else values[[0, 1, 1, 1, 0]]
        series._size, series._points_per_bucket = size, points_per_bucket
        series._free_in_last_bucket = free_in_last_bucket
        series.latest, series._latest_x = float(array[4]), float(array[5])
        return series
