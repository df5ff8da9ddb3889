// The metrics of one run, each with a label and a value.

import { createElement, setText } from "../dom.js";

export class MetricList {
  constructor() {
    this.root = createElement("dl", "");
  }

  // metrics: a list of [label, value, tone, ghost]; the tone is the name of a colour, or empty; ghost is the value of
  // the run in grey, or empty.
  show(metrics) {
    if (this.root.children.length !== metrics.length) {
      this.root.replaceChildren(...metrics.map(createItem));
    }
    metrics.forEach(([label, value, tone, ghost], i) => {
      const item = this.root.children[i];
      const [dt, dd] = item.children;
      setText(dt, label);
      setText(dd.firstChild, value);
      setText(dd.lastChild, ghost);
      item.dataset.tone = tone;
    });
  }
}

function createItem() {
  const value = createElement("dd", "", createElement("span", ""), createElement("span", "rs-metric-ghost"));
  return createElement("div", "rs-metric", createElement("dt", ""), value);
}
