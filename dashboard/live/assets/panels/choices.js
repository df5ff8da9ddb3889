// The lists in the head of a panel, with options for its chart. The browser stores the selection.

import { createElement } from "../dom.js";
import { readStored, store } from "../storage.js";
import { applyOptionLayout } from "./layout.js";

export class Choices {
  // onChange: called after the user selected an option.
  constructor(panelName, onChange) {
    this.panelName = panelName;
    this.onChange = onChange;
    this.selected = []; // the selected option of each list
    this.root = createElement("div", "rs-choices");
  }

  setChoices(choices) {
    const choicesJson = JSON.stringify(choices);
    if (choicesJson === this.choicesJson) return;
    this.choicesJson = choicesJson;
    const select = () => {
      this.selected = choices.map((choice, i) => choice.options[this.root.children[i].selectedIndex]);
    };
    this.root.replaceChildren(
      ...choices.map((choice) =>
        this.createList(choice, () => {
          select();
          this.onChange();
        }),
      ),
    );
    select();
  }

  createList({ name, label, options }, onSelect) {
    const key = `regscope.${this.panelName}.${name}`;
    const list = createElement("select", "", ...options.map((option) => new Option(option.label)));
    list.title = label;
    list.setAttribute("aria-label", label);
    const stored = readStored(key);
    list.selectedIndex = Math.max(0, options.findIndex((option) => option.label === stored));
    list.addEventListener("change", () => {
      store(key, options[list.selectedIndex].label);
      onSelect();
    });
    return list;
  }

  // Select an option by its label, as if the user did.
  select(label) {
    const list = [...this.root.children].find((each) => [...each.options].some((option) => option.label === label));
    if (!list) return;
    list.selectedIndex = [...list.options].findIndex((option) => option.label === label);
    list.dispatchEvent(new Event("change"));
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
