"""The parts of the board outside of the panels: status line, table of runs, notices, and spoken sentences."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_a_sentence_is_announced_every_five_seconds_and_a_state_at_once(run):
    found = run(
        """const { Announcer } = await load("live/assets/status/announcer");
        let now = 1e5, wallClock = 1e12;
        performance.now = () => now;
        Date.now = () => (wallClock -= 3600e3); // the clock of the computer is set back again and again
        const announcer = new Announcer();
        const spoken = [];
        for (const [seconds, sentence, state] of argument) {
          now += 1000 * seconds;
          announcer.announce(sentence, state);
          spoken.push(announcer.root.textContent);
        }
        const attributes = ["role", "aria-live"].map((name) => announcer.root.getAttribute(name));
        return { spoken, attributes };""",
        [
            [0, "Cost 3.", "running"],
            [4.9, "Cost 2.", "running"],
            [0.1, "Cost 1.", "running"],
            [4.9, "Cost 0.", "running"],
            [0, "Cost 0.", "paused"],
            [9, "", "paused"],
            [0, "", "finished"],
        ],
    )
    assert found["spoken"] == [
        *("running. Cost 3.", "running. Cost 3.", "Cost 1.", "Cost 1.", "paused. Cost 0.", "paused. Cost 0."),
        "finished. ",
    ]
    assert found["attributes"] == ["status", "polite"]


def test_the_metrics_keep_their_nodes_while_their_number_is_the_same(run):
    found = run(
        """const { MetricList } = await load("live/assets/status/metric_list");
        const list = new MetricList();
        const look = () => [...list.root.children].map((item) => [item.textContent, item.dataset.tone,
          [...item.children].map(({ tagName }) => tagName).join(" ")]);
        list.show([["Epoch", "3", "", ""], ["Cost", "0.5", "training", "without 0.9"]]);
        const first = look(), { firstChild } = list.root;
        list.show([["Epoch", "4", "", ""], ["Cost", "0.4", "validation", ""]]);
        const second = look(), kept = list.root.firstChild === firstChild;
        list.show([["Epoch", "5", "", ""]]);
        return { first, second, kept, third: look(), tag: list.root.tagName };"""
    )
    assert found == {
        "first": [["Epoch3", "", "DT DD"], ["Cost0.5without 0.9", "training", "DT DD"]],
        "second": [["Epoch4", "", "DT DD"], ["Cost0.4", "validation", "DT DD"]],
        "kept": True,
        "third": [["Epoch5", "", "DT DD"]],
        "tag": "DL",
    }


TABLE = """
  const { RunTable } = await load("live/assets/status/run_table");
  const table = new RunTable();
  const swatches = [{ light: "teal", dark: "aqua", dash: "dash", outline: "grey" }, { light: "red", dark: "pink" }];
  const mount = (dark) => table.mount({ head: ["Run", "State", "Cost"], swatches }, dark);
  const rows = [{ state: "running", line: 0, cells: ["L1", "running", "0.5"] },
                { state: "failed", line: 1, cells: ["L2", "failed", "0.4"] }];
  const texts = () => [...table.body.children].map((row) => [...row.children].map((cell) => cell.textContent));
  const colours = () => [...table.body.children].map((row) => {
    const lines = [...row.querySelectorAll(".rs-swatch svg line")];
    return lines.map((line) => [line.getAttribute("stroke"), line.getAttribute("stroke-dasharray")]);
  });
"""


@pytest.mark.parametrize("order", ["mount(false); table.show(rows);", "table.show(rows); mount(false);"])
def test_the_table_has_a_row_and_a_line_sample_for_each_run(run, order):
    found = run(
        TABLE
        + f"""const hidden = table.root.hidden;
        {order}
        const [head] = table.root.querySelectorAll("thead tr");
        const scopes = [...table.root.querySelectorAll("th")].map((cell) => cell.scope);
        const light = colours();
        mount(true);
        const svg = table.root.querySelector("svg");
        return {{ hidden, head: [...head.children].map((cell) => cell.textContent), scopes, texts: texts(), light,
                 dark: colours(), states: [...table.body.children].map(({{ dataset }}) => dataset.state),
                 tooltips: [...table.body.children].map((row) => row.firstChild.title),
                 width: svg.getAttribute("viewBox").split(" ")[2] }};"""
    )
    assert found["hidden"] is True
    assert found["head"] == ["Run", "State", "Cost"]
    assert found["scopes"] == ["col", "col", "col", "row", "row"]
    assert found["texts"] == [["L1", "running", "0.5"], ["L2", "failed", "0.4"]]
    assert found["light"] == [[["grey", "6,3"], ["teal", "6,3"]], [["red", "none"]]]
    assert found["dark"] == [[["grey", "6,3"], ["aqua", "6,3"]], [["pink", "none"]]]
    assert (found["states"], found["tooltips"]) == (["running", "failed"], ["L1", "L2"])
    assert found["width"] == "36"  # of `.rs-swatch svg`


def test_the_rows_of_the_table_are_replaced_only_with_their_number(run):
    found = run(
        TABLE
        + """mount(false);
        table.show(rows);
        const { firstChild } = table.body;
        const paused = ({ cells, line }) => ({ state: "paused", line, cells: [cells[0] + "′", "paused", "0.1"] });
        table.show(rows.map(paused));
        const changed = texts(), kept = table.body.firstChild === firstChild;
        table.show(rows.slice(1));
        const one = texts();
        table.show([]);
        return { changed, kept, one, none: texts() };"""
    )
    assert found == {
        "changed": [["L1′", "paused", "0.1"], ["L2′", "paused", "0.1"]],
        "kept": True,
        "one": [["L2", "failed", "0.4"]],
        "none": [],
    }


def test_line_samples_move_with_their_rows(run):
    found = run(
        TABLE
        + """mount(false);
        table.show(rows);
        const before = colours();
        table.show([rows[1], rows[0]]);
        const after = colours();
        mount(true);
        return { before, after, dark: colours(), texts: texts() };"""
    )
    assert found["after"] == found["before"][::-1]
    assert found["dark"] == [[["pink", "none"]], [["grey", "6,3"], ["aqua", "6,3"]]]
    assert [row[0] for row in found["texts"]] == ["L2", "L1"]


def test_the_status_line_shows_metrics_or_the_table_and_the_state(run):
    found = run(
        """const { StatusLine } = await load("live/assets/status/status_line");
        const line = new StatusLine();
        const looks = [], board = document.createElement("div");
        for (const table of [null, { head: ["Run"], swatches: [] }, null]) {
          line.mountTable(board, table, false);
          looks.push([line.metrics.root.hidden, line.table.root.hidden, board.hasAttribute("data-many")]);
        }
        line.showState("paused");
        const parts = [...line.root.children].map(({ tagName }) => tagName);
        return { looks, parts, text: line.root.lastChild.textContent,
                 head: line.table.root.querySelectorAll("th").length,
                 rows: board.style.getPropertyValue("--rs-rows") };"""
    )
    assert found == {
        "looks": [[False, True, False], [True, False, True], [False, True, False]],
        "rows": "0",
        "parts": ["DL", "TABLE", "DIV"],
        "text": "paused",
        "head": 1,
    }


def test_a_status_is_shown_announced_and_explained(run):
    found = run(
        """const { RunStatus } = await load("live/assets/status/run_status");
        const status = new RunStatus(() => ["A panel cannot be drawn."]);
        const look = () => [status.line.metrics.root.textContent, status.notices.root.textContent,
                            status.announcer.root.textContent, status.line.table.body.children.length];
        const looks = [];
        for (const given of [{ state: "ready", metrics: [] },
                             { state: "failed", metrics: [["Cost", "1", "", ""]], notice: "It failed.",
                               spoken: "Cost 1." },
                             { state: "paused", metrics: [], table: [{ state: "paused", cells: ["L1"] }] }]) {
          status.show(given);
          looks.push(look());
        }
        status.showState("paused", false);
        const live = status.line.root.lastChild.textContent;
        status.showState("paused", true);
        const back = status.line.root.lastChild.textContent;
        status.showState("paused", true, true);
        return { looks, live, back, lost: status.line.root.lastChild.textContent,
                 role: status.notices.root.getAttribute("role") };"""
    )
    trouble = "A panel cannot be drawn."
    assert found == {
        "looks": [
            ["", trouble, "ready. ", 0],
            ["Cost1", f"It failed. {trouble}", "failed. Cost 1.", 0],
            ["", trouble, "paused. ", 1],
        ],
        "live": "paused",
        "back": "looking back, paused",
        "lost": "looking back, no connection",
        "role": "alert",
    }


def test_the_line_above_the_board_can_be_hidden_and_the_browser_stores_that(run):
    found = run(
        """const { Sentence } = await load("live/assets/status/sentence");
        const look = ({ root, showButton, text }) => [!root.hidden, !showButton.hidden, text.textContent, text.title];
        const sentence = new Sentence();
        const looks = [look(sentence)];
        sentence.show("Digits.");
        looks.push(look(sentence));
        sentence.hideButton.click();
        looks.push(look(sentence));
        const next = new Sentence();
        next.show("Digits.");
        looks.push(look(next));
        next.showButton.click();
        looks.push(look(next));
        next.show("");
        looks.push(look(next));
        return looks;"""
    )
    text = ["Digits.", "Digits."]
    assert found == [
        [False, False, "", ""],
        [True, False, *text],
        [False, True, *text],
        [False, True, *text],
        [True, False, *text],
        [False, False, "", ""],
    ]
