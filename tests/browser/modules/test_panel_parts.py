"""The parts of a panel: options, changes of the layout, rows and pictures; helpers of the DOM."""

from __future__ import annotations

import itertools

import pytest

pytestmark = pytest.mark.browser

# `timers` contains the timers that were set; `ring` calls them and returns their pauses.
TIMERS = """
  const timers = [];
  window.setTimeout = (call, pause) => timers.push({ call, pause });
  const ring = () => timers.splice(0).map(({ call, pause }) => { call(); return pause; });
"""


# helpers of the DOM


def test_elements_have_their_classes_children_and_namespaces(run):
    found = run(
        """const { createElement: el, createSvgElement: svgEl } = await load("live/assets/dom");
        const node = el("p", "rs-note", "a ", el("b", "", "c"));
        const line = svgEl("line", { x1: 2, "stroke-width": 3 });
        return [node.outerHTML, line.namespaceURI, line.getAttribute("x1"), line.getAttribute("stroke-width"),
                svgEl("svg").attributes.length];"""
    )
    assert found == ['<p class="rs-note">a <b>c</b></p>', "http://www.w3.org/2000/svg", "2", "3", 0]


def test_a_button_without_a_tooltip_has_no_title(run):
    found = run(
        """const { createButton: button } = await load("live/assets/dom");
        return [button("Copy", "", () => {}).hasAttribute("title"), button("Copy", "a", () => {}).className];"""
    )
    assert found == [False, "rs-button"]


def test_an_unchanged_text_keeps_its_node(run):
    found = run(
        """const { createElement: el, setText } = await load("live/assets/dom");
        const node = el("p", "", "one");
        const { firstChild } = node;
        setText(node, "one");
        const same = node.firstChild === firstChild;
        setText(node, "two");
        return [same, node.textContent];"""
    )
    assert found == [True, "two"]


# options

CHOICES = """
  const { Choices } = await load("live/assets/panels/choices");
  let changes = 0;
  const offered = () => {
    const options = ["linear", "log"].map((label) => (
      { label, traces: { 0: { mode: label }, 7: { mode: label } },
        layout: { "yaxis.type": label, "yaxis.range": null } }));
    const choices = new Choices("cost", () => { changes += 1; });
    const given = [{ name: "scale", label: "Scale of the axis", options }];
    choices.setChoices(given);
    return { choices, given, list: choices.root.firstChild };
  };
  const pick = (list, index) => { list.selectedIndex = index; list.dispatchEvent(new Event("change")); };
"""


def test_a_selected_option_is_stored_and_selected_on_the_next_visit(run):
    found = run(
        CHOICES
        + """const { list, choices } = offered();
        const before = [list.selectedIndex, choices.selected[0].label, changes];
        pick(list, 1);
        const after = [localStorage.getItem("regscope.cost.scale"), choices.selected[0].label, changes];
        const again = offered();
        localStorage.setItem("regscope.cost.scale", "of an older version");
        return { before, after, again: [again.list.selectedIndex, again.choices.selected[0].label],
                 unknown: offered().list.selectedIndex, label: list.getAttribute("aria-label"), title: list.title,
                 options: [...list.options].map(({ text }) => text) };"""
    )
    assert found == {
        "before": [0, "linear", 0],
        "after": ["log", "log", 1],
        "again": [1, "log"],
        "unknown": 0,
        "label": "Scale of the axis",
        "title": "Scale of the axis",
        "options": ["linear", "log"],
    }


def test_an_option_that_a_program_selects_is_not_stored(run):
    found = run(
        CHOICES
        + """const { choices, given, list } = offered();
        choices.select("log");
        const stored = localStorage.getItem("regscope.cost.scale");
        choices.setChoices([{ ...given[0], label: "Scale" }]);
        return { stored, selected: choices.selected[0].label, index: choices.root.firstChild.selectedIndex, changes,
                 next: offered().list.selectedIndex };"""
    )
    assert found == {"stored": None, "selected": "log", "index": 1, "changes": 1, "next": 0}


def test_an_option_that_depends_on_the_run_is_neither_stored_nor_restored(run):
    found = run(
        CHOICES
        + """const { choices, given } = offered();
        given[0].options[1].is_stored = false;
        choices.setChoices([{ ...given[0], label: "Scale" }]);
        pick(choices.root.firstChild, 1);
        const stored = localStorage.getItem("regscope.cost.scale");
        localStorage.setItem("regscope.cost.scale", "log");
        const next = new Choices("cost", () => {});
        next.setChoices([{ ...given[0], label: "Scale" }]);
        return [choices.selected[0].label, stored, next.selected[0].label];"""
    )
    assert found == ["log", None, "linear"]


def test_the_lists_stay_while_the_options_are_the_same(run):
    found = run(
        CHOICES
        + """const { choices, given, list } = offered();
        choices.setChoices(JSON.parse(JSON.stringify(given)));
        const same = choices.root.firstChild === list;
        choices.setChoices([{ ...given[0], label: "Scale" }]);
        return [same, choices.root.firstChild === list, choices.root.children.length];"""
    )
    assert found == [True, False, 1]


def test_the_selected_option_changes_traces_and_layout(run):
    found = run(
        CHOICES
        + """const { choices, list } = offered();
        pick(list, 1);
        const apply = (zoomed) => {
          const data = [{ mode: "lines", y: [1] }], layout = { yaxis: { range: [0, 1], autorange: false } };
          choices.apply(data, layout, new Set(zoomed));
          return { data, ...layout.yaxis };
        };
        return [apply([]), apply(["yaxis"]), apply(["xaxis"])];"""
    )
    data = [{"mode": "log", "y": [1]}]
    free = {"data": data, "type": "log", "autorange": True}
    assert found == [free, {"data": data, "type": "log", "autorange": False, "range": [0, 1]}, free]


# changes of the layout


def test_a_frame_changes_the_layout_by_dotted_names(run):
    found = run(
        """const { applyFrameLayout } = await load("live/assets/panels/layout");
        const layout = { xaxis: { range: [0, 1], autorange: true }, title: "old", shapes: [1] };
        const annotations = [{ font: { size: 12 } }];
        applyFrameLayout(layout, { "xaxis.range": [2, 3], "yaxis.range": [4, 5], "yaxis.title.text": "cost",
                                   title: null, annotations }, new Set(["yaxis"]), 1);
        return layout;"""
    )
    assert found == {
        "xaxis": {"range": [2, 3], "autorange": False},
        "yaxis": {"title": {"text": "cost"}},
        "shapes": [1],
        "annotations": [{"font": {"size": 12}}],
    }


# rows

ROWS = """
  const { Rows } = await load("live/assets/panels/rows");
  const rows = new Rows();
  document.body.append(rows.root);
  const row = (label, value, copy = "") => ({ label, value, copy });
  const look = () => [...rows.root.children].map((node) => {
    const [dt, dd, copy] = node.children;
    return [dt.tagName + dd.tagName, dt.textContent, dd.textContent, copy.hidden];
  });
"""


def test_rows_show_labels_values_and_what_can_be_copied(run):
    found = run(
        ROWS
        + """rows.show([row("λ", "0.1", "l2=0.1"), row("η", "0.5")]);
        const first = look();
        const [node] = rows.root.children;
        const button = node.lastChild;
        const copy = [button.textContent, button.title, button.getAttribute("aria-label")];
        rows.show([row("λ", "0.2"), row("η", "0.5", "eta=0.5")]);
        const second = look();
        const kept = rows.root.firstChild === node;
        rows.show([row("p", "0.3")]);
        const third = look();
        rows.clear();
        return { tag: rows.root.tagName, first, copy, second, kept, third, after: look() };"""
    )
    assert found == {
        "tag": "DL",
        "first": [["DTDD", "λ", "0.1", False], ["DTDD", "η", "0.5", True]],
        "copy": ["Copy", "l2=0.1", "Copy l2=0.1"],
        "second": [["DTDD", "λ", "0.2", True], ["DTDD", "η", "0.5", False]],
        "kept": True,
        "third": [["DTDD", "p", "0.3", True]],
        "after": [],
    }


@pytest.mark.parametrize(
    ("clipboard", "selection", "label", "copied"),
    [
        (True, None, "Copied", ["clipboard: l2=0.1"]),
        (False, True, "Copied", ["copy: l2=0.1"]),
        (False, False, "Press Ctrl+C", ["copy: l2=0.1"]),
    ],
)
def test_a_row_is_copied_with_and_without_a_clipboard(run, clipboard, selection, label, copied):
    found = run(
        TIMERS
        + ROWS
        + """const copied = [];
        const writeText = async (text) => {
          if (!argument.clipboard) throw new Error("no clipboard without HTTPS");
          copied.push(`clipboard: ${text}`);
        };
        Object.defineProperty(navigator, "clipboard", { value: { writeText }, configurable: true });
        document.execCommand = (command) => {
          const { activeElement, body } = document;
          const area = body.querySelector("textarea.rs-hidden");
          copied.push(`${command}: ${area.value.slice(area.selectionStart, area.selectionEnd)}`);
          return argument.selection;
        };
        rows.show([row("λ", "0.1", "l2=0.1")]);
        const button = rows.root.firstChild.lastChild;
        button.click();
        for (let turn = 0; turn < 20; turn += 1) await null; // the promises of the button
        const pressed = button.textContent;
        const pauses = ring();
        const areas = document.querySelectorAll("textarea").length;
        return { pressed, copied, after: button.textContent, areas, pauses };""",
        {"clipboard": clipboard, "selection": selection},
    )
    assert (found["pressed"], found["copied"], found["after"], found["areas"]) == (label, copied, "Copy", 0)
    assert 1500 in found["pauses"]  # milliseconds, enough to read two words


@pytest.mark.parametrize(
    ("width", "height", "rows"),
    [(900, 260, [[0, 1, 2, 3]]), (380, 260, [[0, 1], [2, 3]]), (380, 90, [[0, 1, 2, 3]]), (0, 0, [[0, 1, 2, 3]])],
)
def test_figures_side_by_side_have_names_that_fit_and_two_rows_if_narrow(run, width, height, rows):
    found = run(
        """const { arrangeSideBySide } = await load("live/assets/panels/layout");
        const layout = { margin: { l: 4, r: 4, t: 20, b: 4 }, annotations: [], meta: { gap: 0.02, names: [] } };
        for (const i of [0, 1, 2, 3]) {
          layout[`xaxis${i ? i + 1 : ""}`] = { domain: [i / 4, (i + 1) / 4] };
          layout[`yaxis${i ? i + 1 : ""}`] = { domain: [0, 1] };
          layout.annotations.push({ font: { size: 12 }, text: "aaaa" });
          layout.meta.names.push(Array.from({ length: 27 }, (_, k) => "a".repeat(k + 4)));
        }
        arrangeSideBySide(layout, argument[0], argument[1]);
        const axes = (name) => ["", 2, 3, 4].map((number) => layout[name + number].domain);
        return { x: axes("xaxis"), y: axes("yaxis"), lengths: layout.annotations.map(({ text }) => text.length) };""",
        [width, height],
    )
    for row in rows:
        assert len({tuple(found["y"][i]) for i in row}) == 1, "they have the same height"
        for left, right in itertools.pairwise(row):
            assert found["x"][left][1] <= found["x"][right][0], "they do not overlap"
    for above, below in itertools.pairwise(rows):
        gap = found["y"][above[0]][0] - found["y"][below[0]][1]
        assert gap * (height - 24) == pytest.approx(20), "a name fits between two rows"
    for (left, right), length in zip(found["x"], found["lengths"], strict=True):
        assert length == 4 or length * 7 <= (right - left) * (width - 8)
