"""A race in a real browser: started, watched, paused and reloaded."""

from __future__ import annotations

import pytest

from dashboard.charts.overlays.catalogue import OVERLAYS
from tests.browser.board import (
    at_rest,
    board,
    choose,
    look_back,
    matrix,
    mounted_anew,
    number,
    open_board,
    points,
    press,
    run_table,
    state,
    titles,
    until,
)
from tests.browser.test_accessibility import nothing_serious
from tests.slowing import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = ["no regularization", "L2 λ 1", "L1 λ 0.5", "dropout ½"]
LABELS = "name => document.querySelectorAll(`[data-panel=${name}] .hoverlayer .legend`).length"
LABEL = "name => document.querySelector(`[data-panel=${name}] .hoverlayer .legend .legendtitletext`)?.textContent"
OVER_EPOCHS = [name for name in OVERLAYS if name != "histograms"]


def open_race(page, server):
    """Start the first race from the empty page and wait until its charts are mounted."""
    page.goto(f"{server.url}/?view=compare")
    page.get_by_role("button", name="Race: none, L2, L1, dropout").click()
    for name in OVERLAYS:
        page.wait_for_selector(f'[data-panel="{name}"] .main-svg', timeout=30_000 * PATIENCE)


def point_at(page, panel, share):
    """Move the pointer into a chart, to a share of its x axis."""
    box = page.locator(f'[data-panel="{panel}"] .nsewdrag').first.bounding_box()
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2, steps=3)


def pause_all(page):
    press(page, "Pause all")
    until(lambda: state(page) == "paused", "all runs are paused")
    at_rest(page)


def test_a_race_is_started_watched_hovered_paused_and_found_after_a_reload(page, server):
    open_race(page, server)
    for panel in OVERLAYS:
        first = 4 if panel == "sparsity" else 0  # the first four lines, the exact zeros, are hidden
        lines = range(first, first + 4)
        until(lambda p=panel, lines=lines: all(points(page, p, line) > 2 for line in lines), f"{panel} has four lines")
    before = [points(page, "accuracies", trace) for trace in range(4)]
    until(
        lambda: all(points(page, "accuracies", trace) > before[trace] + 2 for trace in range(4)), "all four lines grow"
    )
    assert [row[0] for row in run_table(page)] == NAMES
    assert {row[1] for row in run_table(page)} == {"running"}
    assert page.locator(".rs-table .rs-swatch line").count() == 4

    pause_all(page)
    for panel, share in (("accuracies", 0.03), ("sums", 0.05)):
        point_at(page, panel, share)
        for other in OVER_EPOCHS:
            until(lambda other=other: page.evaluate(LABELS, other) == 1, f"{other} has a label")
        until(
            lambda: len({page.evaluate(LABEL, other) for other in OVER_EPOCHS}) == 1, "all labels are of the same epoch"
        )
        assert page.evaluate(LABELS, "histograms") == 0, "it has another x axis"
        page.mouse.move(700, 5)
        for other in OVER_EPOCHS:
            until(lambda other=other: page.evaluate(LABELS, other) == 0, f"{other} has no label")

    steps = [row[-1] for row in run_table(page)]
    page.wait_for_timeout(600)
    assert [row[-1] for row in run_table(page)] == steps
    runs, address = board(page).get_attribute("data-run-id"), page.url
    page.reload()
    page.wait_for_selector('[data-panel="histograms"] .main-svg', timeout=30_000 * PATIENCE)
    until(lambda: number(page, "frames") >= 1, "the first frame after the reload is drawn")
    assert (board(page).get_attribute("data-run-id"), page.url) == (runs, address)
    until(lambda: [row[-1] for row in run_table(page)] == steps, "the steps are unchanged")
    until(lambda: all(points(page, "accuracies", trace) > before[trace] for trace in range(4)), "the history is drawn")

    press(page, "Resume all")
    until(lambda: [row[-1] for row in run_table(page)] != steps, "the runs train on")
    pause_all(page)


def test_the_board_of_a_race_is_not_mounted_again_by_interrupted_scripts(page, server):
    open_race(page, server)
    until(lambda: len(run_table(page)) == 4, "the table is shown")
    assert mounted_anew(page, ".st-key-pause_all button, .st-key-resume_all button", 12) == 0


def test_all_runs_are_looked_back_at_together(page, server):
    open_race(page, server)
    until(lambda: len(run_table(page)) == 4, "the table is shown")
    until(lambda: all(int(row[2].split(" / ")[0]) >= 4 for row in run_table(page)), "all runs have trained four epochs")
    pause_all(page)
    counts = [points(page, "accuracies", trace) for trace in range(4)]
    page.evaluate(
        "() => { const slider = document.querySelector('.rs-timeline input'); slider.value = 100;"
        " slider.dispatchEvent(new Event('input')); }"
    )
    until(lambda: [row[-1] for row in run_table(page)] == ["100"] * 4, "the table shows step 100")
    until(lambda: [points(page, "accuracies", trace) for trace in range(4)] == [3] * 4, "the lines end at step 100")
    page.get_by_role("button", name="Live", exact=True).click()
    until(
        lambda: [points(page, "accuracies", trace) for trace in range(4)] == counts, "the whole lines are drawn again"
    )


def test_boundaries_are_side_by_side_live_and_when_looking_back(page, server):
    page.goto(f"{server.url}/?view=compare&dataset=moons&epochs=1000&pace=250&race=seed&values=1,2")
    press(page, "Train this race")
    page.wait_for_selector('[data-panel="boundaries"] .main-svg', timeout=30_000 * PATIENCE)
    assert titles(page)[0] == "boundaries"
    boxes = [page.locator(f'[data-panel="{name}"]').bounding_box() for name in ("boundaries", "accuracies")]
    assert boxes[0]["width"] > 2.5 * boxes[1]["width"]
    assert boxes[0]["height"] == pytest.approx(boxes[1]["height"], abs=1)
    until(lambda: matrix(page, "boundaries", 0) != [], "the first boundary is drawn")
    first = matrix(page, "boundaries", 0)
    until(lambda: matrix(page, "boundaries", 0) != first, "it changes while the network trains")
    pause_all(page)  # it trains for more than a minute
    at_rest(page)
    ends = [matrix(page, "boundaries", i) for i in range(2)]
    assert ends[0] != ends[1]
    look_back(page, 0)
    until(lambda: matrix(page, "boundaries", 0) != ends[0], "the boundary of the first step is drawn")
    press(page, "Live")
    until(lambda: [matrix(page, "boundaries", i) for i in range(2)] == ends, "the newest boundaries are drawn again")


# JavaScript that returns the names of the boundaries that overlap or are beside the chart, and the number of rows.
NAMES_OF_BOUNDARIES = """() => {
  const panel = document.querySelector('[data-panel="boundaries"]');
  const chart = panel.querySelector(".rs-plot").getBoundingClientRect();
  const names = [...panel.querySelectorAll(".annotation-text")].map((node) => [node, node.getBoundingClientRect()]);
  const overlap = (box, other) =>
    box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
  const isBeside = (box) => box.right > chart.right + 1 || box.top < chart.top - 1;
  const wrong = names.filter(
    ([, box], i) => isBeside(box) || names.slice(0, i).some(([, other]) => overlap(box, other)));
  const rows = new Set(names.map(([, { top }]) => Math.round(top)));
  return [names.length, wrong.map(([node]) => node.textContent), rows.size];
}"""


@pytest.mark.parametrize(("width", "height", "rows"), [(1280, 720, 1), (390, 844, 2)])
def test_the_names_of_boundaries_fit_on_the_page_and_in_talk_mode(page, server, width, height, rows):
    page.set_viewport_size({"width": width, "height": height})
    page.goto(
        f"{server.url}/?view=compare&dataset=moons&epochs=1000&pace=250&race=seed"
        "&values=11111111,22222222,33333333,44444444"
    )
    press(page, "Train this race")
    page.wait_for_selector('[data-panel="boundaries"] .main-svg', timeout=30_000 * PATIENCE)
    fit = [4, [], rows]
    until(lambda: page.evaluate(NAMES_OF_BOUNDARIES) == fit, lambda: f"they fit: {page.evaluate(NAMES_OF_BOUNDARIES)}")
    pause_all(page)
    page.locator(".rs-timeline").get_by_role("button", name="Projector", exact=True).click()
    until(lambda: titles(page) == ["boundaries"], "the boundaries fill the screen")
    until(lambda: page.evaluate(NAMES_OF_BOUNDARIES) == fit, lambda: f"they fit: {page.evaluate(NAMES_OF_BOUNDARIES)}")
    page.set_viewport_size({"width": 844, "height": 390})
    until(lambda: page.evaluate(NAMES_OF_BOUNDARIES)[:2] == [4, []], "they fit when the size of the window changes")
    page.locator(".rs-talk-bar").get_by_role("button", name="Leave", exact=True).click()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_page_of_a_race(page, server, theme):
    page.emulate_media(color_scheme=theme)
    page.goto(f"{server.url}/?view=compare")
    page.get_by_text("Nothing is compared yet").wait_for()
    nothing_serious(page)
    open_race(page, server)
    until(lambda: len(run_table(page)) == 4, "the table is shown")
    nothing_serious(page)
    page.get_by_role("button", name="Race", exact=True).click()
    page.get_by_role("button", name="Start race").wait_for()
    page.mouse.move(700, 600)
    nothing_serious(page)


def test_the_form_closes_when_its_race_starts_and_keys_apply_to_all_runs(page, server):
    open_race(page, server)
    first = board(page).get_attribute("data-run-id")
    page.get_by_role("button", name="Race", exact=True).click()
    page.get_by_role("radio", name="L1: subgradient and proximal").or_(
        page.get_by_role("button", name="L1: subgradient and proximal")
    ).first.click()
    page.get_by_text("L1 proximal").wait_for()
    press(page, "Start race")
    until(lambda: board(page).get_attribute("data-run-id") not in (first, None), "another race is on the board")
    until(lambda: len(run_table(page)) == 2, "the race has two runs")
    until(lambda: not page.get_by_role("button", name="Start race").is_visible(), "the form is closed")
    until(lambda: {row[1] for row in run_table(page)} == {"running"}, "both runs train")
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("Space")
    until(lambda: state(page) == "paused", "the space bar pauses both runs")


def test_the_train_page_keeps_its_run_and_layout_while_runs_are_compared(page, server):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 20, "the run trains")
    run = board(page).get_attribute("data-run-id")
    page.get_by_role("button", name="View").click()
    page.get_by_role("radio", name="L1 and L2", exact=True).click()
    page.keyboard.press("Escape")
    page.wait_for_selector('[data-panel="lmbda"]')
    page.get_by_role("radio", name="compare").click()
    page.get_by_text("Nothing is compared yet").wait_for()
    page.get_by_role("radio", name="train").click()
    page.wait_for_selector('[data-panel="lmbda"]')
    until(lambda: board(page).get_attribute("data-run-id") == run, "the run is still on the page")
    until(lambda: number(page, "frames") > 3, "the run continues")


def test_the_overview_labels_the_same_epoch_in_all_charts_of_epochs(page, server):
    open_board(page, server.url)
    choose(page, "Digits, 8 × 8")
    press(page, "Start")
    until(lambda: points(page, "accuracy", 1) > 12, "some epochs are complete")
    press(page, "Pause")
    until(lambda: state(page) == "paused", "the run is paused")
    point_at(page, "accuracy", 0.05)
    for panel in ("accuracy", "cost", "norms"):
        until(lambda panel=panel: page.evaluate(LABELS, panel) == 1, f"{panel} is labelled")
    assert page.evaluate(LABELS, "weights") == 0
    page.mouse.move(700, 5)
    until(lambda: page.evaluate(LABELS, "cost") == 0, "the label is removed")


@pytest.mark.parametrize("part", ["Results", "Seeds", "Damage"])
def test_the_buttons_are_updated_when_the_runs_end_also_without_a_board(page, server, part):
    page.goto(f"{server.url}/?view=compare&compared={part}&epochs=2&pace=25")
    press(page, "Race: none, L2, L1, dropout")
    pause = page.get_by_role("button", name="Pause all", exact=True)
    until(pause.is_enabled, "the runs can be paused")
    until(pause.is_disabled, "Pause all is disabled without a click", 60)
