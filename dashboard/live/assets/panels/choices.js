// The lists in a panel's head: other ways to see the same data. A selection is kept in the browser.

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

  // The attributes of the selected options replace those of the figure and of the frames.
  apply(data, layout, zoomed) {
    for (const option of this.selected) {
      for (const [i, attributes] of Object.entries(option.traces)) {
        if (data[i]) Object.assign(data[i], attributes);
      }
      applyOptionLayout(layout, option.layout, zoomed);
    }
  }
}
