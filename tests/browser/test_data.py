"""Data in a real browser: two-dimensional data sets and their decision boundary, the gallery, and own files."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from engine.runs.extracts.plane import SHADES
from tests.browser.board import at_rest, choose, number, open_board, pixels, press, state, train_to_the_end, until
from tests.browser.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def regions(page: Any) -> np.ndarray:
    """Return the class at each grid point of the decision boundary."""
    z = page.evaluate("() => document.querySelector('[data-panel=boundary] .js-plotly-plot').data[0].z")
    rows, columns = (int(n) for n in z["shape"].split(","))
    return np.frombuffer(base64.b64decode(z["bdata"]), np.uint8).reshape(rows, columns) // SHADES


def boundary_length(classes: np.ndarray) -> int:
    """Return the number of neighbouring grid points with different classes."""
    return int((classes[1:] != classes[:-1]).sum() + (classes[:, 1:] != classes[:, :-1]).sum())


def run_to_the_end(page: Any) -> None:
    page.get_by_role("radio", name="full", exact=True).click()
    train_to_the_end(page, 90)
    page.mouse.move(640, 715)


@pytest.mark.slow
def test_the_spirals_boundary_is_smoother_with_l2_than_without(page, server, tmp_path):
    open_board(page, server.url)
    assert page.locator("[data-panel=boundary]").count() == 0
    choose(page, "Two spirals")
    page.wait_for_selector("[data-panel=boundary] .main-svg")
    page.get_by_role("radio", name="None", exact=True).click()
    page.get_by_text("Nothing keeps the network from memorizing.").wait_for()
    empty = pixels(page, "boundary")
    run_to_the_end(page)
    length_without, picture = boundary_length(regions(page)), pixels(page, "boundary")
    assert picture != empty
    page.get_by_role("radio", name="L2", exact=True).click()
    page.get_by_role("slider", name="λ, strength of the penalty").press("ArrowRight")
    page.get_by_text("ηλ/n = 0.00025").wait_for()  # λ = 0.5
    run_to_the_end(page)
    until(lambda: pixels(page, "boundary") != picture, "the boundary with L2 is drawn")
    assert boundary_length(regions(page)) < 0.75 * length_without, "visibly smoother"


def test_a_run_with_dropout_draws_the_boundary_of_the_spirals(page, server):
    open_board(page, server.url)
    choose(page, "Two spirals")
    page.wait_for_selector("[data-panel=boundary] .main-svg")
    page.get_by_role("radio", name="Dropout", exact=True).click()
    slider = page.get_by_role("slider", name="Dropout")
    slider.press("Home")
    for _ in range(4):
        slider.press("ArrowRight")
    page.get_by_text("Dropout: drop 0.20, keep 0.80").wait_for()
    run_to_the_end(page)
    assert set(np.unique(regions(page))) == {0, 1}
    assert number(page, "step") == 20_000


def test_noise_moves_the_points_and_a_change_of_theme_keeps_the_boundary(page, server):
    def points() -> object:
        return page.evaluate("() => document.querySelector('[data-panel=boundary] .js-plotly-plot').data[1].x")

    open_board(page, server.url)
    choose(page, "Two moons")
    page.wait_for_selector("[data-panel=boundary] .main-svg")
    before = points()
    page.get_by_role("slider", name="Noise of the points").press("ArrowRight")
    until(lambda: points() != before, "the points have the new noise")
    press(page, "Step epoch")
    until(lambda: state(page) == "paused" and number(page, "frames") > 0, "an epoch is complete")
    at_rest(page)
    boundary = (
        "() => { const { z, dx, dy, x0, y0 } = document.querySelector('[data-panel=boundary] .js-plotly-plot').data[0];"
        " return JSON.stringify([z, dx, dy, x0, y0]); }"
    )
    light = page.evaluate(boundary)
    page.emulate_media(color_scheme="dark")
    until(lambda: page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches"), "the theme is dark")
    page.wait_for_timeout(1_500)
    assert page.evaluate(boundary) == light


def test_choosing_images_replaces_the_boundary_with_the_four_panels(page, server):
    open_board(page, server.url)
    choose(page, "Exclusive or")
    page.wait_for_selector("[data-panel=boundary] .main-svg")
    choose(page, "Digits, 8 × 8")
    page.wait_for_selector("[data-panel=boundary]", state="hidden")
    for panel in ("cost", "accuracy", "weights", "dropout"):
        until(page.locator(f"[data-panel={panel}] .main-svg").first.is_visible, f"{panel} is shown")


def test_the_gallery_shows_the_examples_and_which_labels_were_corrupted(page, server):
    open_board(page, server.url)
    press(page, "See")
    dialog = page.get_by_role("dialog")
    dialog.locator(".rs-example").first.wait_for()
    assert dialog.locator(".rs-example").count() == 60
    wrong = dialog.locator(".rs-example[data-wrong]").count()
    assert 5 < wrong < 35, "three labels in ten are corrupted"
    dialog.get_by_text("Only corrupted labels").click()
    until(lambda: dialog.locator(".rs-example[data-wrong]").count() == 60, "only corrupted examples are shown")
    assert dialog.locator(".rs-example s").count() == 60, "each example has its true label"
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    press(page, "Start")
    until(lambda: number(page, "step") > 10, "a run trains after the dialog is closed")


@pytest.fixture
def own_server(tmp_path):
    """A server with its own data folder, in which added files are stored."""
    server = Server(environment={"REGSCOPE_DATA": str(tmp_path / "data")})
    yield server
    server.close()


def test_an_own_table_is_previewed_stored_and_trained_on(page, own_server, tmp_path):
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{b:.3f},{'high' if a + b > 0 else 'low'}" for a, b in rng.normal(size=(120, 2))]
    file = tmp_path / "heights.csv"
    file.write_text("width,height,kind\n" + "\n".join(rows) + "\n", encoding="utf-8")
    open_board(page, own_server.url)
    press(page, "Add")
    dialog = page.get_by_role("dialog")
    dialog.locator('input[type="file"]').set_input_files(file)
    dialog.get_by_text("120 rows, 2 features, 2 classes: high, low").wait_for()
    dialog.get_by_role("button", name="Use this data").click()
    dialog.wait_for(state="hidden")
    page.wait_for_selector("[data-panel=boundary] .main-svg")  # two features have a decision boundary
    press(page, "Start")
    until(lambda: number(page, "step") > 20, "the run trains")
    assert state(page) in ("running", "finished")
    assert len(list((tmp_path / "data" / "own").glob("*.npz"))) == 1


def test_the_error_for_an_unreadable_file_names_the_row(page, server, tmp_path):
    file = tmp_path / "holes.csv"
    file.write_text("a,b,label\n" + "1,2,x\n" * 30 + "1,,y\n" + "one,2,y\n", encoding="utf-8")
    open_board(page, server.url)
    press(page, "Add")
    dialog = page.get_by_role("dialog")
    dialog.locator('input[type="file"]').set_input_files(file)
    message = dialog.get_by_role("alert")
    message.wait_for()
    assert "row 32" in message.inner_text()
    assert "'one'" in message.inner_text() or "one" in message.inner_text()
    assert not dialog.get_by_role("button", name="Use this data").is_visible()
