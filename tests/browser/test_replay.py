"""A replay, opened from the disk without a network."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dashboard.charts import metrics_line
from dashboard.replay.page import stored_replay_html
from engine import RunConfig
from engine.runs.history.telemetry import MINI_BATCH_ACCURACY
from engine.runs.store.record import Record
from engine.runs.store.store import Store
from tests.browser.board import at_rest, matrix, points, run_table, until
from tests.browser.board import state as board_state
from tests.browser.conftest import MEASURED_LINES
from tests.engine.runs.store.keeping import train_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MAX_BYTES = 8 << 20  # of the replay of a run of 400 epochs
LOADER = Path(__file__).parents[2] / "dashboard" / "replay" / "assets" / "loader.js"


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> Record:
    store = Store(tmp_path_factory.mktemp("kept") / "runs.sqlite")
    run_id = train_run(store, RunConfig.demo(epochs=400))
    store.set_description(run_id, name="</script><img src=x onerror=alert(1)> & λ")
    return store.load(run_id)


def test_a_replay_plays_without_a_network_and_ends_with_the_metrics_of_the_run(chromium, record, tmp_path):
    path = Path(tmp_path) / "replay.html"
    path.write_text(stored_replay_html(record), encoding="utf-8")
    assert path.stat().st_size <= MAX_BYTES
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    context.add_init_script(MEASURED_LINES)
    page = context.new_page()
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(dialog.message))
    page.goto(path.as_uri())
    page.wait_for_selector("[data-regscope-replay] [data-panel=cost] .main-svg")
    assert page.locator("h1").inner_text() == f"{record.about.name} on digits"
    root = page.locator("[data-regscope-replay]")
    assert root.get_attribute("data-step") == "20000", "the replay opens at the end"
    metrics = [tuple(each.inner_text().split("\n")) for each in page.locator(".rs-metric").all()]
    expected = [
        (label, value) for label, value, *_ in metrics_line.metric_rows(record.about.initial_config, record.telemetry)
    ]
    assert [pair for pair in metrics if pair[0] != "Pace"] == [pair for pair in expected if pair[0] != "Pace"]
    last = page.evaluate("document.querySelector('[data-panel=cost] .js-plotly-plot')._fullData[2].y.at(-1)")
    assert last == pytest.approx(record.telemetry.snapshot.training.cost, rel=1e-6) or last == pytest.approx(
        record.telemetry.snapshot.penalty, rel=1e-6
    )
    page.keyboard.press("Home")
    until(lambda: root.get_attribute("data-step") == "0", "the replay shows the start")
    page.get_by_label("Speed").select_option("8×")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Play").click()
    until(lambda: int(root.get_attribute("data-step")) > 3_000, "the replay plays")
    page.keyboard.press("Space")
    until(page.get_by_role("button", name="Play").is_visible, "the replay is paused")
    step = int(root.get_attribute("data-step"))
    slider = page.get_by_label("Step of the run")
    slider.focus()
    page.keyboard.press("ArrowRight")
    until(lambda: int(root.get_attribute("data-step")) > step, "an arrow key moves the slider")
    x = page.evaluate("document.querySelector('[data-panel=accuracy] .js-plotly-plot')._fullData[1].x.at(-1)")
    assert x <= int(root.get_attribute("data-step")) / 50, "lines end at the step shown"
    slider.press("End")
    until(lambda: root.get_attribute("data-step") == "20000", "the replay shows the end")
    assert re.search("finished", page.locator(".rs-state").inner_text())
    context.close()
    assert not errors
    assert [url for url in requests if not re.match("(file|data|blob):", url)] == []


def test_the_loader_changes_import_statements_and_nothing_else(chromium):
    source = """import { b } from "./b.js";
// copied from "./b.js";
function f() { /* from "./b.js"; */ }
window.found = ['import { b } from "./b.js";', `from "./b.js";`, b, String(f)];
"""
    modules = [
        {"path": "b.js", "source": "export const b = 7;\n", "imports": {}},
        {"path": "a.js", "source": source, "imports": {"./b.js": "b.js"}},
    ]
    page = chromium.new_page()
    page.set_content(
        f'<script type="application/json" id="modules">{json.dumps(modules)}</script>'
        f'<script type="module">{LOADER.read_text(encoding="utf-8")}</script>'
    )
    page.wait_for_function("window.found")
    assert page.evaluate("window.found") == [
        'import { b } from "./b.js";',
        'from "./b.js";',
        7,
        'function f() { /* from "./b.js"; */ }',
    ]
    page.close()


def test_the_replay_of_a_race_is_downloaded_from_its_page_and_goes_to_any_step(page, server, chromium, tmp_path):
    page.goto(f"{server.url}/?view=compare&dataset=moons&epochs=20&pace=full&race=seed&values=1,2")
    page.get_by_role("button", name="Train this race").click()
    until(lambda: board_state(page) == "finished", "the race has ended", 60)
    at_rest(page)
    shown, ends = run_table(page), [matrix(page, "boundaries", i) for i in range(2)]
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name="Replay, one page (.html)").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    context.add_init_script(MEASURED_LINES)
    replay = context.new_page()
    errors: list[str] = []
    replay.on("pageerror", lambda error: errors.append(str(error)))
    replay.goto(path.as_uri())
    replay.wait_for_selector("[data-regscope-replay] [data-panel=accuracies] .main-svg")
    root = replay.locator("[data-regscope-replay]")
    # a past step has no seconds
    assert [row[:6] + row[7:] for row in run_table(replay)] == [row[:6] + row[7:] for row in shown]
    assert [matrix(replay, "boundaries", i) for i in range(2)] == ends
    assert points(replay, "accuracies", 0) == 21
    replay.keyboard.press("Home")
    until(lambda: root.get_attribute("data-step") == "0", "the replay shows the start")
    assert {row[-1] for row in run_table(replay)} == {"0"}
    assert points(replay, "accuracies", 0) <= 1
    assert matrix(replay, "boundaries", 0) != ends[0]
    context.close()
    assert not errors


def test_a_replay_shows_the_accuracy_in_the_mini_batches_or_why_it_has_none(chromium, record, tmp_path):
    page = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True).new_page()
    panel = page.locator("[data-panel=accuracy]")
    drawn = "node => node.querySelector('.js-plotly-plot').calcdata[4].filter(({ y }) => Number.isFinite(y)).length"
    for name in ("with", "without"):
        if name == "without":  # as in a run that an earlier version has trained
            del record.telemetry.over_time[MINI_BATCH_ACCURACY]
        path = Path(tmp_path) / f"{name}.html"
        path.write_text(stored_replay_html(record), encoding="utf-8")
        page.goto(path.as_uri())
        panel.locator(".main-svg").first.wait_for()
        panel.get_by_role("button", name="About “Accuracy”").click()
        box = panel.get_by_role("checkbox", name="Training as other libraries print it")
        box.check()
        page.keyboard.press("Escape")
        page.get_by_label("Step of the run").press("End")
        if name == "with":
            until(lambda: panel.evaluate(drawn) > 100, "the line is drawn")
            assert panel.get_by_role("button", name="mini-batches").is_visible()
        else:
            until(lambda: "Not recorded up to here" in panel.locator(".rs-hint").inner_text(), "the reason is shown")
    page.context.close()
