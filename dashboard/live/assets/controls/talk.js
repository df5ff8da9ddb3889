// Talk mode, for a projector: one or two panels in large type, the status line and a transport bar fill the page.
// It loads no further files, so it works without a network.

import { createButton, createElement } from "../dom.js";
import { SCALE } from "../panels/enlarge.js";

const ORDERS = ["toggle", "step", "step_epoch"]; // the commands that are orders to the run

export class Talk {
  // root: of the board. panels: returns the panels of the layout, in order. perform: called with the command of a
  // button. restyle: draws every figure again, with the scale of its panel.
  constructor({ root, panels, perform, restyle }) {
    Object.assign(this, { boardRoot: root, panels, restyle });
    this.isOn = false;
    this.count = 1; // panels on the screen
    this.first = 0; // index of the first of these panels
    this.buttons = {}; // by command
    this.isConnected = true; // whether the server answers
    this.canToggle = true; // whether the order of the first button has an effect
    const addButton = (label, command) => (this.buttons[command] = createButton(label, "", () => perform(command)));
    addButton("Start", "toggle").setAttribute("data-rs-switch", "");
    this.positionLabel = createElement("span", "rs-position");
    this.root = createElement(
      "div",
      "rs-talk-bar",
      this.buttons.toggle,
      addButton("Step", "step"),
      addButton("Step epoch", "step_epoch"),
      this.positionLabel,
      addButton("Previous panel", "previous"),
      addButton("Next panel", "next"),
      addButton("One panel", "one"),
      addButton("Two panels", "two"),
      addButton("Leave", "leave"),
    );
  }

  // labels: the names of the keys of each command, for the buttons' tooltips.
  setKeyLabels(labels) {
    for (const [command, node] of Object.entries(this.buttons)) node.title = labels[command];
  }

  setOn(isOn) {
    this.isOn = isOn;
    document.documentElement.classList.toggle("rs-talk", isOn);
    this.arrange();
    if (isOn) document.activeElement?.blur(); // a focused field would take the keys
  }

  movePanels(count) {
    this.first += count;
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
      panel.section.toggleAttribute("data-away", this.isOn && !inTalk);
      panel.scale = this.isOn || panel.isFull ? SCALE : 1;
    });
    const from = this.first + 1;
    this.positionLabel.textContent = count === 1 ? `${from} of ${total}` : `${from} and ${(from % total) + 1} of ${total}`;
    this.restyle();
  }

  // label: the label of the first button; "" if all runs have ended and the page cannot start others.
  setToggle(label) {
    this.canToggle = Boolean(label);
    this.buttons.toggle.textContent = label || "Ended";
    this.enableOrders();
  }

  setConnected(isConnected) {
    this.isConnected = isConnected;
    this.enableOrders();
  }

  enableOrders() {
    for (const order of ORDERS) this.buttons[order].disabled = !this.isConnected || !this.canToggle;
  }
}
