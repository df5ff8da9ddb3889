// The metrics of one run, each with a label and a value.

import { el, setText } from "../dom.js";

export class MetricList {
  constructor() {
    this.root = el("dl", "");
  }

  // metrics: a list of [label, value, tone]; the tone is the name of a colour, or empty.
  show(metrics) {
    if (this.root.children.length !== metrics.length) {
      this.root.replaceChildren(...metrics.map(() => el("div", "rs-figure", el("dt", ""), el("dd", ""))));
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
