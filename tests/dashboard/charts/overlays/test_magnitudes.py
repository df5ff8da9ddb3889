"""The latest value of a quantity."""

from __future__ import annotations

import numpy as np

from dashboard.charts.overlays.magnitudes import latest_value


def test_the_latest_value_is_that_of_the_last_step():
    steps = np.arange(3.0)
    assert latest_value((steps, np.array([5.0, 7.0, 6.0]))) == 6.0
    assert latest_value((steps[:0], steps[:0])) is None
    assert latest_value(None) is None
