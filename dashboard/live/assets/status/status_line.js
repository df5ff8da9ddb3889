// The line above the panels: the metrics of one run or the table of several runs, and the state.

import { createElement } from "../dom.js";
import { MetricList } from "./metric_list.js";
import { RunTable } from "./run_table.js";

export class StatusLine {
  constructor() {
    this.metrics = new MetricList();
    this.table = new RunTable();
    this.state = createElement("span", "");
    const state = createElement("div", "rs-state", createElement("span", "rs-dot"), this.state);
    this.root = createElement("div", "rs-status-line", this.metrics.root, this.table.root, state);
  }

  // table: head and swatches, as in RunTable; null for one run.
  mountTable(table, dark) {
    this.table.root.hidden = !table;
    this.metrics.root.hidden = Boolean(table);
    if (table) this.table.mount(table, dark);
  }

  showState(text) {
    this.state.textContent = text;
  }
}
