"""The linked cursors of charts with the same x axis."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

CURSORS = """
  const { Cursors } = await load("live/assets/panels/pointing/cursors");
  const calls = [], frames = [];
  window.requestAnimationFrame = (call) => frames.push(call);
  const next = () => frames.splice(0).forEach((call) => call());
  Plotly.Fx = {
    hover: (chart, { xval }, axes) => {
      calls.push([chart.id, xval, axes]);
      if (chart.removed) throw new Error("no axes");
    },
    unhover: (chart) => calls.push([chart.id]),
  };
  const panel = (id, cursorAxis = "step") => {
    const chart = Object.assign(document.createElement("div"), { id, handlers: {} });
    chart.on = (name, handler) => (chart.handlers[name] ??= []).push(handler);
    return { chart, cursorAxis, inViewport: true, section: { hidden: false } };
  };
  const panels = { a: panel("a"), b: panel("b"), c: panel("c", "epoch"), d: panel("d", "") };
  const cursors = new Cursors(() => Object.values(panels));
  Object.values(panels).forEach((each) => cursors.link(each));
  const fire = ({ chart }, name, event) => chart.handlers[name].forEach((handler) => handler(event));
  const hover = (source, x = 7, isTrusted = true) =>
    fire(source, "plotly_hover", { event: { isTrusted }, points: [{ x }] });
"""


def test_a_cursor_is_shown_in_the_other_charts_with_the_same_axis(run):
    found = run(
        CURSORS
        + """hover(panels.a, 7);
        hover(panels.a, 8);
        const scheduled = [frames.length, calls.length];
        next();
        hover(panels.a, 9);
        next();
        return [scheduled, calls];"""
    )
    assert found == [[1, 0], [["b", 8, "xy"], ["b", 9, "xy"]]]


@pytest.mark.parametrize(
    "change",
    [
        "panels.b.section.hidden = true",
        "panels.b.inViewport = false",
        "panels.b.isLinked = false",
        "panels.b.cursorAxis = 'epoch'",
    ],
)
def test_a_cursor_is_not_shown_in_a_chart_that_is_not_linked(run, change):
    assert run(CURSORS + f"{change}; hover(panels.a); next(); return calls;") == []


def test_a_hover_without_a_pointer_or_an_axis_starts_no_cursor(run):
    found = run(
        CURSORS
        + """panels.e = panel("e", "");
        cursors.link(panels.e);
        hover(panels.a, 7, false);
        fire(panels.a, "plotly_hover", { points: [{ x: 7 }] });
        hover(panels.d);
        return [frames.length, cursors.source];"""
    )
    assert found == [0, None]


def test_a_cursor_without_a_point_is_at_the_x_of_the_axis(run):
    found = run(
        CURSORS
        + """for (const points of [undefined, [], [{ x: 0 }]]) {
          fire(panels.a, "plotly_hover", { event: { isTrusted: true }, xvals: [5], points });
          next();
        }
        return calls.map(([, x]) => x);"""
    )
    assert found == [5, 5, 0]


@pytest.mark.parametrize(
    "leave", ["fire(source, 'plotly_unhover')", "source.chart.dispatchEvent(new Event('mouseleave'))"]
)
def test_the_cursors_disappear_when_the_pointer_leaves(run, leave):
    found = run(
        CURSORS
        + f"""const leave = (source) => {leave};
        hover(panels.a);
        next();
        calls.length = 0;
        leave(panels.b); // an event of a linked chart
        const other = [...calls];
        hover(panels.a);
        leave(panels.a);
        next(); // the hover that was scheduled
        return [other, calls, cursors.source];"""
    )
    assert found == [[], [["b"]], None]


def test_a_chart_that_is_drawn_again_gets_its_cursor_back(run):
    found = run(
        CURSORS
        + """fire(panels.b, "plotly_afterplot");
        const before = frames.length;
        hover(panels.a);
        next();
        fire(panels.a, "plotly_afterplot");
        const own = frames.length;
        fire(panels.b, "plotly_afterplot");
        next();
        return [before, own, calls.length];"""
    )
    assert found == [0, 0, 2]


def test_a_chart_is_linked_once_after_it_has_been_drawn(run):
    found = run(
        CURSORS
        + """const late = panel("late");
        const { on } = late.chart;
        delete late.chart.on;
        cursors.link(late);
        const before = Boolean(late.isLinked);
        late.chart.on = on;
        cursors.link(late);
        cursors.link(late);
        return [before, late.isLinked, late.chart.handlers.plotly_hover.length];"""
    )
    assert found == [False, True, 1]


def test_a_chart_that_is_being_removed_does_not_stop_the_others(run):
    """The error is logged in the browser at the level "verbose"."""
    found = run(
        CURSORS
        + """const logged = [];
        console.debug = (error) => logged.push(error.message);
        panels.b.chart.removed = true;
        panels.e = panel("e");
        cursors.link(panels.e);
        hover(panels.a);
        next();
        return [calls.map(([id]) => id), logged];"""
    )
    assert found == [["b", "e"], ["no axes"]]
