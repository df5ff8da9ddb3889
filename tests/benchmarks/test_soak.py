"""The verdict of the soak: windows, medians, and what counts as flat."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

import pytest

from benchmarks.soak import QUANTITIES, Sample, changes, table, take_sample, windows

CALM = Sample(server_mb=300.0, workers_mb=40.0, processes=2, threads=200, files=80, event_loops=100)


def test_samples_are_grouped_by_windows_of_five_minutes():
    samples = [(10.0, CALM), (299.0, CALM), (301.0, replace(CALM, files=90)), (1_000.0, CALM)]
    assert [len(window) for window in windows(samples)] == [2, 1, 0, 1]
    assert windows(samples)[1] == [replace(CALM, files=90)]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_later_median_may_differ_by_ten_percent_from_the_second_window(quantity):
    def windows_with(factor):
        later = replace(CALM, **{quantity: factor * getattr(CALM, quantity)})
        return [[replace(CALM, server_mb=1.0)], [CALM] * 3, [CALM, later, later]]

    assert changes(windows_with(1.09)) == []
    assert changes(windows_with(0.91)) == []
    (grown,) = changes(windows_with(1.11))
    assert grown.startswith(f"{QUANTITIES[quantity]}: ")
    assert "in minutes 10 to 15" in grown
    assert len(changes(windows_with(0.89))) == 1


def test_one_sample_that_is_an_exception_changes_no_verdict():
    assert changes([[CALM], [CALM] * 3, [CALM, CALM, replace(CALM, server_mb=900.0)]]) == []


def test_the_table_has_a_row_for_each_window_and_its_largest_values():
    text = table([[replace(CALM, server_mb=444.0)]], [[CALM], [CALM, CALM]])
    assert len(text.splitlines()) == 3
    assert "300 (up to 444)" in text.splitlines()[1]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only Linux has /proc")
def test_a_sample_counts_the_threads_and_the_open_files_of_a_process():
    before = take_sample(os.getpid())
    released = threading.Event()
    thread = threading.Thread(target=released.wait)
    thread.start()
    with open(os.devnull):
        during = take_sample(os.getpid())
    released.set()
    thread.join()
    assert during.threads == before.threads + 1
    assert during.files == before.files + 1
    assert during.server_mb > 10
