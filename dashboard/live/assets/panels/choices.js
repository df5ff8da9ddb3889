// The lists in the head of a panel, with options for its chart, and the check boxes in its menu, each for a further
// line. The browser stores what the user has selected, except options that depend on the run (`is_stored` is false).

import { createElement, setText } from "../dom.js";
import { readStored, store } from "../storage.js";
import { applyOptionLayout } from "./layout.js";

export class Choices {
  // onChange: called after the user selected an option.
  constructor(panelName, onChange) {
    this.panelName = panelName;
    this.onChange = onChange;
    this.selected = []; // the selected option of each list
    this.labels = {}; // of the options that were selected on this page, by the name of the list
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
    const isStored = (option) => option.is_stored !== false;
    const stored = readStored(key);
    const first = options.findIndex((option) =>
      name in this.labels ? option.label === this.labels[name] : isStored(option) && option.label === stored,
    );
    list.selectedIndex = Math.max(0, first);
    list.onSelect = () => {
      this.labels[name] = options[list.selectedIndex].label;
      onSelect();
    };
    list.addEventListener("change", () => {
      const option = options[list.selectedIndex];
      if (isStored(option)) store(key, option.label);
      list.onSelect();
    });
    return list;
  }

  // Select an option by its label, for this page only.
  select(label) {
    const list = [...this.root.children].find((each) => [...each.options].some((option) => option.label === label));
    if (!list) return;
    list.selectedIndex = [...list.options].findIndex((option) => option.label === label);
    list.onSelect();
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

export class Switches {
  // onChange: called after the user has switched a line on or off.
  constructor(panelName, onChange) {
    Object.assign(this, { panelName, onChange });
    this.boxes = []; // each { name, trace, input, reason }
    this.root = createElement("div", "");
  }

  setSwitches(switches) {
    const switchesJson = JSON.stringify(switches);
    if (switchesJson === this.switchesJson) return;
    this.switchesJson = switchesJson;
    this.boxes = switches.map(({ name, label, trace }) => {
      const key = `regscope.${this.panelName}.${name}`;
      const { input, node } = createCheckBox(label, (checked) => {
        store(key, checked ? "on" : "off");
        this.onChange();
      });
      input.checked = readStored(key) === "on";
      const reason = createElement("p", "rs-menu-reason");
      return { name, trace, input, node, reason };
    });
    this.root.replaceChildren(...this.boxes.flatMap(({ node, reason }) => [node, reason]));
  }

  // missing: why lines are empty, by the name of the check box.
  setMissing(missing) {
    for (const { name, reason } of this.boxes) setText(reason, missing[name] ?? "");
  }

  // The reasons why lines that are switched on are empty.
  get reasons() {
    return this.boxes.filter(({ input }) => input.checked).map(({ reason }) => reason.textContent).filter(Boolean).join(" ");
  }

  // Show or hide the lines.
  apply(data) {
    for (const { trace, input } of this.boxes) if (data[trace]) data[trace].visible = input.checked;
  }
}

// Returns a check box and the label around it. onChange: called with whether it is checked.
export function createCheckBox(label, onChange) {
  const input = createElement("input", "");
  input.type = "checkbox";
  input.addEventListener("change", () => onChange(input.checked));
  return { input, node: createElement("label", "rs-menu-check", input, label) };
}
