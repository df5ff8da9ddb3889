// The metrics of one run: a label and a value each.

import { el, setText } from "../dom.js";

export class MetricList {
  constructor() {
    this.root = el("dl", "");
  }

  // metrics: (label, value, tone) each; the tone names a colour, or is empty.
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
