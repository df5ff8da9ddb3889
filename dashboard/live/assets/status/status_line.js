// The line above the panels: the metrics of one run or the table of several runs, and the state.

import { createElement } from "../dom.js";
import { MetricList } from "./metric_list.js";
import { RunTable } from "./run_table.js";

export class StatusLine {
  constructor() {
    this.metrics = new MetricList();
    this.table = new RunTable();
    this.stateText = createElement("span", "");
    const dot = createElement("span", "rs-dot");
    const stateElement = createElement("div", "rs-state", dot, this.stateText);
    this.root = createElement("div", "rs-status-line", this.metrics.root, this.table.root, stateElement);
  }

  // board: its charts take the height that the rows of the table leave. table: the column titles and line styles for
  // RunTable.mount; null for the page of one run.
  mountTable(board, table, dark) {
    board.toggleAttribute("data-many", Boolean(table));
    if (table) board.style.setProperty("--rs-rows", table.swatches.length);
    this.table.root.hidden = !table;
    this.metrics.root.hidden = Boolean(table);
    if (table) this.table.mount(table, dark);
  }

  showState(text) {
    this.stateText.textContent = text;
  }
}
