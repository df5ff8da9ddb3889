"""The labels under the pointer, read from the real page."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

import pytest

from dashboard.charts.panels.catalogue import PANELS
from engine import RunConfig, dataset_of, masks, select
from engine.runs.extracts.network import drawn_neuron_indices
from tests.browser.board import number, train_to_the_end, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CONFIG = {"dataset": "digits", "hidden": 30, "drop_probability": 0.5, "l2": 1.0, "epochs": 6, "pace": 1000}
NAMES = ("dropout", "network", "pictures", "accuracy", "weights")
# the place of a point on the screen: of a value on both axes
PLACE = """([name, x, y]) => { const chart = document.querySelector(`[data-panel=${name}] .js-plotly-plot`);
  const { xaxis, yaxis } = chart._fullLayout, box = chart.getBoundingClientRect();
  const middle = yaxis._offset + yaxis._length / 2;
  return [box.x + xaxis._offset + xaxis.d2p(x), box.y + (y === null ? middle : yaxis._offset + yaxis.d2p(y))]; }"""
TEXTS = (
    "name => [...document.querySelectorAll(`[data-panel=${name}] .hoverlayer text`)].map((each) => each.textContent)"
)
TRACE = """([name, i, j]) => { const { x, y } =
  document.querySelector(`[data-panel=${name}] .js-plotly-plot`)._fullData[i]; return [x[j], y[j]]; }"""


def texts_at(page, name, x, y=None):
    """Return the texts of the labels in a panel while the pointer is at a point of its chart."""
    page.locator(f"[data-panel={name}]").scroll_into_view_if_needed()
    page.mouse.move(2, 2)
    until(lambda: not page.evaluate(TEXTS, name), f"{name} has no label of another point")
    left, top = page.evaluate(PLACE, [name, x, y])
    page.mouse.move(left, top)
    until(lambda: page.evaluate(TEXTS, name), f"{name} has a label")
    return page.evaluate(TEXTS, name)


@pytest.fixture
def finished(page, server):
    panels = "".join(f"&panels={quote_plus(PANELS[name].title)}" for name in NAMES)
    settings = "&".join(f"{name}={value}" for name, value in CONFIG.items())
    page.goto(f"{server.url}/?{settings}&layout=custom{panels}")
    page.wait_for_selector("[data-panel=weights] .main-svg")
    train_to_the_end(page)
    return page


def test_the_labels_name_what_is_under_the_pointer(finished):
    page, step = finished, number(finished, "step")
    config = RunConfig.demo(
        **{name: value for name, value in CONFIG.items() if name not in ("pace", "hidden")}, hidden=(30,)
    )
    n = select(config, dataset_of(config)).n

    for mini_batch, neuron in ((step, 7), (step - 60, 30)):
        (label,) = texts_at(page, "dropout", mini_batch, neuron)
        found, at = (int(number) for number in re.search(r"mini-batch (\d+) · .* neuron (\d+)", label).groups())
        assert abs(found - mini_batch) <= 1, "a column is three pixels wide"
        assert at == neuron
        outcome = "trained" if masks(config, 1, found)[neuron - 1] else "dropped"
        epoch = -(-found // -(-n // config.mini_batch_size))
        assert label == f"mini-batch {found} · epoch {epoch} · hidden neuron {neuron} · {outcome}"

    (label,) = texts_at(page, "pictures", 9, 9)
    assert label.startswith("hidden neuron 8 · pixel in row 1, column 1 · weight ")

    (label,) = texts_at(page, "network", *page.evaluate(TRACE, ["network", 3, 4]))
    # the fifth of the ten inputs drawn, all of which are trained
    row, column = divmod(int(drawn_neuron_indices([64, 30, 10])[0][4]), 8)
    assert label == f"pixel in row {row + 1}, column {column + 1}trained on this mini-batch"
    (label,) = texts_at(page, "network", *page.evaluate(TRACE, ["network", 6, 5]))
    assert re.match(r"hidden neuron \d+ → output for \dweight ", label)


def test_a_label_at_exactly_a_tick_has_the_word_epoch(finished):
    for epoch in (2, 4, 6):
        assert f"epoch {epoch}" in texts_at(finished, "accuracy", epoch)
