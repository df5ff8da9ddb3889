// The metrics of one run, each with a label and a value.

import { createElement, setText } from "../dom.js";

export class MetricList {
  constructor() {
    this.root = createElement("dl", "");
  }

  // metrics: a list of [label, value, tone]; the tone is the name of a colour, or empty.
  show(metrics) {
    if (this.root.children.length !== metrics.length) {
      this.root.replaceChildren(...metrics.map(() => createElement("div", "rs-metric", createElement("dt", ""), createElement("dd", ""))));
    }
    metrics.forEach(([label, value, tone], i) => {
      const item = this.root.children[i];
      const [dt, dd] = item.children;
      setText(dt, label);
      setText(dd, value);
      item.dataset.tone = tone;
    });
  }
}
