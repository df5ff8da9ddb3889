// The list of keys, over the page until Escape or a click beside it.

import { createButton, createElement } from "../dom.js";

export class KeyHelp {
  constructor() {
    this.list = createElement("dl", "");
    this.root = createElement("div", "rs-menu rs-keys", createElement("h3", "", "Keys"), this.list);
    this.root.setAttribute("popover", "");
    this.button = createButton("Keys", "Show all keys (?)", () => {});
    this.button.classList.add("rs-keys-button");
    this.button.popoverTargetElement = this.root;
  }

  // rows: [keys, effect] of each command.
  mount(rows) {
    this.list.replaceChildren(...rows.flatMap(([keys, effect]) => [createElement("dt", "", keys), createElement("dd", "", effect)]));
  }

  toggle() {
    this.root.togglePopover();
  }
}
