// The lists in the head of a panel: other ways to show the same data. The browser stores the selection.

import { el } from "../dom.js";
import { readStored, store } from "../storage.js";
import { applyOptionLayout } from "./layout.js";

export class Choices {
  // changed: called after the user selected an option.
  constructor(panelName, changed) {
    this.panelName = panelName;
    this.changed = changed;
    this.selected = []; // the selected option of each list
    this.root = el("div", "rs-choices");
  }

  offer(choices) {
    const source = JSON.stringify(choices);
    if (source === this.source) return;
    this.source = source;
    const select = () => {
      this.selected = choices.map((choice, i) => choice.options[this.root.children[i].selectedIndex]);
    };
    this.root.replaceChildren(
      ...choices.map((choice) =>
        this.list(choice, () => {
          select();
          this.changed();
        }),
      ),
    );
    select();
  }

  list({ name, label, options }, selected) {
    const key = `regscope.${this.panelName}.${name}`;
    const list = el("select", "", ...options.map((option) => new Option(option.label)));
    list.title = label;
    list.setAttribute("aria-label", label);
    const stored = readStored(key);
    list.selectedIndex = Math.max(0, options.findIndex((option) => option.label === stored));
    list.addEventListener("change", () => {
      store(key, options[list.selectedIndex].label);
      selected();
    });
    return list;
  }

  // Replace attributes of the figure and of the frames by those of the selected options.
  apply(data, layout, zoomed) {
    for (const option of this.selected) {
      for (const [i, attributes] of Object.entries(option.traces)) {
        if (data[i]) Object.assign(data[i], attributes);
      }
      applyOptionLayout(layout, option.layout, zoomed);
    }
  }
}
