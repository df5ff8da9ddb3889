"""Charts saved as pictures by a real browser."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.browser.board import number, open_board, press, state, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def paused(page, server):
    """The page with a paused run."""
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 150, "the run trains")
    press(page, "Pause")
    until(lambda: state(page) == "paused", "the run is paused")
    return page


def test_a_chart_is_saved_as_png_and_as_svg(paused):
    panel = paused.locator('[data-panel="accuracy"]')
    width, height = (panel.locator(".rs-chart").bounding_box()[side] for side in ("width", "height"))
    for kind in ("png", "svg"):
        if not panel.locator(".rs-menu").is_visible():
            panel.get_by_role("button", name="About “Accuracy”").click()
        with paused.expect_download() as download:
            panel.get_by_role("button", name=kind.upper(), exact=True).click()
        assert download.value.suggested_filename == f"regscope-accuracy-step-{number(paused, 'step')}.{kind}"
        content = Path(download.value.path()).read_bytes()
        if kind == "png":
            assert content[:8] == b"\x89PNG\r\n\x1a\n"
            assert struct.unpack(">II", content[16:24]) == (
                2 * round(width),
                2 * (round(height) + 64),
            )
        else:
            text = content.decode()
            assert text.startswith("<svg")
            assert "Accuracy" in text
            assert "<script" not in text
