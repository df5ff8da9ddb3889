"""Modules between board and page: reports, theme, storage, published state, and the loader of Plotly.js."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

REPORTS = """
  const { PageReports } = await load("live/assets/page_reports");
  const calls = [], timers = new Map();
  window.setTimeout = (call, pause) => { timers.set(timers.size + 1, { call, pause }); return timers.size; };
  window.clearTimeout = (number) => timers.delete(number);
  const component = (data) => ({
    data, setStateValue: (name, value) => calls.push(["state", name, value]),
    setTriggerValue: (name, value) => calls.push(["trigger", name, value]),
  });
  const reports = new PageReports();
"""


def test_one_script_run_is_requested_for_each_new_page_version(run):
    found = run(
        REPORTS
        + """const counts = [];
        const look = () => counts.push(calls.length);
        reports.setVersion("a"); // there is no page yet
        reports.update(component({ page: "a" }));
        reports.setRun("7");
        reports.compareVersions();
        look(); // no frame has arrived
        for (const version of ["a", "b", "b", "c", "a", "c"]) { reports.setVersion(version); look(); }
        reports.setRun(null);
        reports.setVersion("d");
        look();
        return { counts, calls };"""
    )
    assert found["counts"] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert found["calls"] == [["trigger", "page", version] for version in "bcc"]


def test_a_new_run_discards_the_version_of_the_previous_run(run):
    found = run(
        REPORTS
        + """reports.update(component({ page: "a" }));
        reports.setRun("7");
        reports.setVersion("b");
        reports.setRun("8");
        reports.compareVersions();
        const before = calls.length;
        reports.setVersion("b");
        return [before, calls.length];"""
    )
    assert found == [1, 2]


def test_versions_are_compared_again_after_a_pause(run):
    found = run(
        REPORTS
        + """reports.update(component({ page: "a" }));
        reports.setRun("7");
        reports.newestVersion = "b";
        reports.compareVersionsLater();
        reports.compareVersionsLater();
        const waiting = [...timers.values()].map(({ pause }) => pause), before = calls.length;
        timers.forEach(({ call }) => call());
        reports.close();
        return { waiting, before, calls, left: timers.size };"""
    )
    assert found == {"waiting": [400], "before": 0, "calls": [["trigger", "page", "b"]], "left": 0}


def test_only_a_page_that_polls_gets_the_step_to_look_back_at(run):
    found = run(
        REPORTS
        + """const polling = [reports.polling];
        reports.order("step"); // there is no page yet
        for (const on of [false, true]) {
          reports.update(component({ polling: on }));
          polling.push(reports.polling);
          for (const step of [5, 5, null]) reports.reportStep(step);
        }
        return { polling, calls };"""
    )
    assert found == {"polling": [False, False, True], "calls": [["state", "at", 5], ["state", "at", None]]}


def test_the_page_gets_orders_forks_layouts_and_changes_of_polling(run):
    found = run(
        REPORTS
        + """reports.update(component({ polling: false }));
        reports.reportFallback(false);
        reports.reportFallback(true);
        reports.order("step");
        reports.fork(3);
        reports.restoreLayout({ name: "own" });
        const [fallback, ...requests] = calls;
        return [fallback, ...requests.map(([, name, value]) => [name, value.list])];"""
    )
    assert found == [
        ["state", "fallback", True],
        ["requests", [[1, "order", "step"]]],
        ["requests", [[1, "order", "step"], [2, "fork", 3]]],
        ["requests", [[1, "order", "step"], [2, "fork", 3], [3, "layout", {"name": "own"}]]],
    ]


def test_a_request_that_was_executed_is_not_sent_again(run):
    """A server that has started again knows of no executed request."""
    found = run(
        REPORTS
        + """reports.update(component({ polling: false }));
        reports.order("toggle");
        reports.order("race");
        reports.update(component({ polling: false, executed: { [reports.id]: 1, other: 9 } }));
        reports.order("damage");
        return calls.at(-1)[2].list;"""
    )
    assert found == [[2, "order", "race"], [3, "order", "damage"]]


def test_the_list_of_requests_stays_short_and_keeps_the_newest(run):
    found = run(
        REPORTS
        + """reports.update(component({ polling: false }));
        for (let step = 1; step <= 30; step += 1) reports.fork(step);
        const [, , last] = calls.at(-1);
        return [last.list.length, last.list[0], last.list.at(-1), new Set(calls.map((call) => call[2].board)).size];"""
    )
    assert found == [20, [11, "fork", 11], [30, "fork", 30], 1]


# theme

THEME = """
  const { Theme } = await load("live/assets/theme");
  let tick, pause, changes = 0, cleared = null;
  window.setInterval = (call, every) => { [tick, pause] = [call, every]; return 41; };
  window.clearInterval = (number) => { cleared = number; };
  const root = document.createElement("div");
  document.body.append(root);
  const background = (colour) => root.style.setProperty("--st-background-color", colour);
  const theme = new Theme(root, () => { changes += 1; });
"""


@pytest.mark.parametrize(
    "colour", ["#ffffff", "#000000", "#fff", "#000", "#0f0", "#00f", "#f00", "#808080", "#7f7f7f", "#00b300", "#00b400"]
)
def test_a_page_is_dark_if_the_luminance_of_its_background_is_below_half(run, colour):
    """The luminance has the weights of the recommendation ITU-R BT.709."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    red, green, blue = bytes.fromhex(digits)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert run(THEME + "background(argument); theme.apply(); return theme.dark;", colour) is (luminance < 128)


def test_a_background_that_is_not_a_hex_colour_counts_as_light(run):
    assert run(THEME + "background('rgb(0, 0, 0)'); theme.apply(); return theme.dark;") is False


def test_the_colours_follow_the_theme_of_the_page(run):
    found = run(
        THEME
        + """background(" #ffffff ");
        theme.apply(); // before the colours are known
        theme.setColours({ light: { rule: "grey" }, dark: { rule: "silver" } });
        const states = [];
        const look = () => states.push([root.style.getPropertyValue("--rs-rule"), changes]);
        look();
        tick();
        look();
        background("#111111");
        tick();
        look();
        tick();
        look();
        theme.close();
        return { states, pause, cleared };"""
    )
    assert found["states"] == [["grey", 0], ["grey", 0], ["silver", 1], ["silver", 1]]
    assert (found["pause"], found["cleared"]) == (500, 41)  # twice a second


# storage and published state


def test_a_browser_that_permits_no_storage_raises_no_error(run):
    found = run(
        """const { readStored, store } = await load("live/assets/storage");
        store("regscope.a", "1");
        const kept = [readStored("regscope.a"), readStored("regscope.b")];
        const refuse = () => { throw new Error("storage is forbidden"); };
        Object.defineProperty(window, "localStorage", { get: refuse, configurable: true });
        store("regscope.a", "2");
        return [...kept, readStored("regscope.a")];"""
    )
    assert found == ["1", None, None]


def test_a_layout_is_restored_only_if_it_differs_from_the_stored_one(run):
    found = run(
        """const { LayoutMemory } = await load("live/assets/layout_memory");
        const restored = [];
        const memory = new LayoutMemory((old) => restored.push(old.name));
        const stored = () => JSON.parse(localStorage.getItem("regscope.layout"))?.name ?? null;
        memory.remember(null);
        const none = stored();
        const layout = (name) => ({ name, panels: [], in_address: false });
        const names = [];
        for (const name of ["a", "b"]) { memory.remember(layout(name)); names.push(stored()); }
        new LayoutMemory((old) => restored.push(old.name)).remember(layout("b"));
        const other = new LayoutMemory((old) => restored.push(old.name));
        other.remember(layout("c"));
        names.push(stored());
        other.remember(layout("c"));
        names.push(stored());
        return { none, names, restored };"""
    )
    assert found == {"none": None, "names": ["a", "b", "b", "c"], "restored": ["b"]}


def test_the_state_of_the_board_is_published_as_attributes(run):
    found = run(
        """const { PublishedState } = await load("live/assets/published_state");
        Date.now = () => 5000;
        const root = document.createElement("div");
        const published = new PublishedState(root);
        const states = [];
        const publish = (run) => {
          published.publish({ run, state: "paused", step: 3, bytes: 8 });
          states.push({ ...root.dataset });
        };
        publish(null);
        published.countFrame();
        published.countFrame();
        publish("7");
        published.resetFrameCount();
        publish("8");
        for (let frame = 0; frame < 502; frame += 1) published.recordAge(frame);
        const { regscopeAges: ages } = root;
        return { states, ages: [ages.length, ages[0], ages.at(-1)] };"""
    )
    rest = {"state": "paused", "step": "3", "bytes": "8"}
    assert found["states"] == [
        {"runId": run_id, "frames": frames, **rest} for run_id, frames in (("", "0"), ("7", "2"), ("8", "0"))
    ]
    assert found["ages"] == [500, 5000 - 1000 * 2, 5000 - 1000 * 501]  # the last 500, in milliseconds


def test_a_loaded_plotly_is_not_loaded_again(run):
    found = run(
        """const { loadPlotly } = await load("live/assets/plotly_loader");
        const plotly = await loadPlotly("/none.js?2");
        return [plotly === Plotly, document.querySelectorAll("script").length];"""
    )
    assert found == [True, 0]


def test_plotly_is_loaded_again_after_a_failure(run):
    found = run(
        """const { loadPlotly } = await load("live/assets/plotly_loader");
        delete window.Plotly;
        const appended = [];
        document.head.append = (script) => appended.push(script);
        const first = loadPlotly("/none.js?3").catch((error) => error.message);
        appended[0].onerror();
        const message = await first;
        const second = loadPlotly("/none.js?3");
        window.Plotly = { version: "stand-in" };
        appended[1].onload();
        const scripts = appended.map(({ src }) => src.endsWith("/none.js?3"));
        return { message, version: (await second).version, scripts };"""
    )
    assert found == {"message": "plotly.js could not be loaded", "version": "stand-in", "scripts": [True, True]}
