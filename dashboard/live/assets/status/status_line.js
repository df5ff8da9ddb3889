// The line above the panels: the metrics of one run or the table of several runs, and the state.

import { el } from "../dom.js";
import { MetricList } from "./metric_list.js";
import { RunTable } from "./run_table.js";

export class StatusLine {
  constructor() {
    this.metrics = new MetricList();
    this.table = new RunTable();
    this.state = el("span", "");
    const state = el("div", "rs-state", el("span", "rs-dot"), this.state);
    this.root = el("div", "rs-line", this.metrics.root, this.table.root, state);
  }

  // table: head and swatches, as in RunTable; null for one run.
  mountTable(table, dark) {
    this.table.root.hidden = !table;
    this.metrics.root.hidden = Boolean(table);
    if (table) this.table.mount(table, dark);
  }

  showState(words) {
    this.state.textContent = words;
  }
}
