"""Sizes and durations are written in one style."""

from __future__ import annotations

import random
import re

import pytest

from engine.errors import format_bytes, format_duration, format_limit

SECONDS = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
BYTES = {"bytes": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [
        (0, "0 bytes"),
        (512, "512 bytes"),
        (1_000, "1.0 KB"),
        (512_000, "510 KB"),
        (999_900, "1.0 MB"),
        (31_000_000, "31 MB"),
        (85_400_000, "85 MB"),
        (496_000_000, "500 MB"),
        (999_600_000, "1.0 GB"),
        (1_340_000_000, "1.3 GB"),
        (23.4e9, "23 GB"),
        (2e12, "2.0 TB"),
    ],
)
def test_a_size_has_two_digits_and_a_decimal_unit(nbytes, text):
    assert format_bytes(nbytes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.04, "0 s"),
        (2.34, "2.3 s"),
        (9.96, "10 s"),
        (20, "20 s"),
        (59.7, "1 min"),
        (65, "1 min 5 s"),
        (119.8, "2 min"),
        (3_599.8, "1 h"),
        (7_380, "2 h 3 min"),
        (86_399, "1 d"),
        (100_000, "1 d 4 h"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds, text):
    assert format_duration(seconds) == text


def test_a_text_read_by_hand_is_as_long_as_the_duration():
    """The error is at most half of the smallest unit shown."""
    generator = random.Random(1)
    for _ in range(2_000):
        seconds = 10 ** generator.uniform(0, 6.5)
        parts = re.findall(r"([\d.]+) (d|h|min|s)\b", format_duration(seconds))
        assert 1 <= len(parts) <= 2
        assert [unit for _, unit in parts] == sorted((unit for _, unit in parts), key=list(SECONDS).index)
        total = sum(float(count) * SECONDS[unit] for count, unit in parts)
        assert abs(total - seconds) <= 0.5 * max(1, {"d": 3_600, "h": 60}.get(parts[0][1], 1)) + 0.06


def test_a_size_read_by_hand_is_as_large_as_the_size():
    """The error is at most half of the second digit."""
    generator = random.Random(1)
    for _ in range(2_000):
        nbytes = 10 ** generator.uniform(0, 13)
        value, unit = format_bytes(nbytes).replace(",", "").split()
        assert float(value) * BYTES[unit] == pytest.approx(nbytes, rel=0.051, abs=0.5)


@pytest.mark.parametrize(
    ("limit", "nbytes", "texts"),
    [
        (20_000_000, 31_000_000, ("20 MB", "31 MB")),
        (20_000_000, 20_400_000, ("20.0 MB", "20.4 MB")),
        (1_000_000_000, 999_600_000, ("1.000 GB", "999.6 MB")),
        (20_000_000, 20_000_001, ("20.000000 MB", "20.000001 MB")),
        (1 << 30, (1 << 30) + 1, ("1.073741824 GB", "1.073741825 GB")),
        (512, 513, ("512 bytes", "513 bytes")),
        (5, 5, ("5 bytes", "5 bytes")),
    ],
)
def test_a_limit_and_a_size_above_it_are_never_the_same_text(limit, nbytes, texts):
    assert format_limit(limit, nbytes) == texts
