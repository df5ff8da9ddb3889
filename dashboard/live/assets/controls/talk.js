// Talk mode, for a projector: one or two panels in large type, the status line and a transport bar fill the page.
// It loads nothing, so it works without a network.

import { button, el } from "../dom.js";

export const SCALE = 5 / 3; // 12 pixels become 20

export class Talk {
  // root: of the board. panels: returns the panels of the layout, in order. perform: called with the command of a
  // button. restyle: draws every figure again, at the scale of its panel.
  constructor({ root, panels, perform, restyle }) {
    Object.assign(this, { boardRoot: root, panels, restyle });
    this.on = false;
    this.count = 1; // panels on the screen
    this.first = 0; // index of the first one
    this.buttons = {}; // by command
    const control = (label, command) => (this.buttons[command] = button(label, "", () => perform(command)));
    this.place = el("span", "rs-place");
    this.root = el(
      "div",
      "rs-talk-bar",
      control("Start", "toggle"),
      control("Step", "step"),
      control("Step epoch", "step_epoch"),
      this.place,
      control("Previous panel", "previous"),
      control("Next panel", "next"),
      control("One panel", "one"),
      control("Two panels", "two"),
      control("Leave", "leave"),
    );
  }

  // labels: the names of the keys of each command, for the buttons' tooltips.
  setKeyLabels(labels) {
    for (const [command, node] of Object.entries(this.buttons)) node.title = labels[command];
  }

  setOn(on) {
    this.on = on;
    document.documentElement.classList.toggle("rs-talk", on);
    this.arrange();
    if (on) document.activeElement?.blur(); // a focused field would use the keys
  }

  turnBy(panels) {
    this.first += panels;
    this.arrange();
  }

  setCount(count) {
    this.count = count;
    this.arrange();
  }

  // Show `count` panels from `first` on, and set the scale of every panel.
  arrange() {
    const panels = this.panels();
    const total = panels.length;
    if (!total) return;
    this.first = ((this.first % total) + total) % total;
    const count = Math.min(this.count, total);
    this.boardRoot.style.setProperty("--rs-talk-columns", count);
    panels.forEach((panel, i) => {
      const inTalk = (i - this.first + total) % total < count;
      panel.section.toggleAttribute("data-away", this.on && !inTalk);
      panel.scale = this.on ? SCALE : 1;
    });
    const from = this.first + 1;
    this.place.textContent = count === 1 ? `${from} of ${total}` : `${from} and ${(from % total) + 1} of ${total}`;
    this.restyle();
  }

  // label: of the first button.
  setToggle(label) {
    this.buttons.toggle.textContent = label;
  }
}
