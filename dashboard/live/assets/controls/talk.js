// Talk mode, for a projector: one or two panels in large type, the status line and two rows of controls fill the page.
// It loads no further files, so it works without a network.

import { createButton, createElement } from "../dom.js";
import { SCALE } from "../panels/enlarge.js";
import { Steering } from "./steering.js";

const NARROW = "(max-width: 640px)"; // a telephone, where type has its ordinary size; the same width as in board.css
const ORDERS = ["toggle", "step", "step_epoch"]; // the commands that are orders to the run

// Whether talk mode is on, and the number of panels: another page of the dashboard has another board, which goes on with
// it.
const remembered = { isOn: false, count: 1, owner: null };

export class Talk {
  // root: of the board. panels: returns the panels of the layout, in order. perform: called with the command of a
  // button. restyle: draws every figure again, with the scale of its panel.
  constructor({ root, panels, perform, restyle }) {
    Object.assign(this, { boardRoot: root, panels, restyle });
    this.isOn = false;
    this.count = remembered.count; // panels on the screen
    this.shown = [0, 1]; // indices of the panels on the screen; with one panel, of the first only
    this.buttons = {}; // by command
    this.isConnected = true; // whether the server answers
    this.canToggle = true; // whether the order of the first button has an effect
    const addButton = (label, command) => (this.buttons[command] = createButton(label, "", () => perform(command)));
    addButton("Start", "toggle").setAttribute("data-rs-switch", "");
    this.positionLabel = createElement("span", "rs-position");
    this.steering = new Steering(perform);
    this.root = createElement(
      "div",
      "rs-talk-bar",
      createElement(
        "div",
        "rs-talk-row",
        this.buttons.toggle,
        addButton("Step", "step"),
        addButton("Step epoch", "step_epoch"),
        this.positionLabel,
        addButton("Previous panel", "previous"),
        addButton("Next panel", "next"),
        addButton("Two panels", "panels"),
        addButton("Keys", "help"),
        addButton("Leave", "leave"),
      ),
      this.steering.root,
    );
  }

  // labels: the names of the keys of each command, for the buttons' tooltips. steering: see steering.js.
  mount(labels, steering) {
    for (const [command, node] of Object.entries(this.buttons)) node.title = labels[command] ?? "";
    this.steering.mount(labels, steering);
    if (remembered.isOn && !this.isOn) this.setOn(true);
    else if (this.isOn) this.arrange();
  }

  // isOn: as the user has chosen.
  setOn(isOn) {
    remembered.isOn = isOn;
    this.apply(isOn);
  }

  apply(isOn) {
    this.isOn = isOn;
    remembered.owner = this;
    document.documentElement.classList.toggle("rs-talk", isOn);
    this.arrange();
    if (isOn) document.activeElement?.blur(); // a focused field would take the keys
  }

  // Leave talk mode on this board, which is removed; another board may go on with it.
  close() {
    this.isOn = false;
    if (remembered.owner === this) document.documentElement.classList.remove("rs-talk");
  }

  movePanels(count) {
    this.shown = this.shown.map((index) => index + count);
    this.arrange();
  }

  // Show a panel; with two panels, beside the one that was shown last.
  showPanel(index) {
    if (index >= this.panels().length) return;
    if (this.count === 1) this.shown = [index, index + 1];
    else if (!this.shown.includes(index)) this.shown = [this.shown[1], index];
    this.arrange();
  }

  setCount(count) {
    this.count = remembered.count = count;
    this.arrange();
  }

  // Show the chosen panels, and set the scale of every panel.
  arrange() {
    const panels = this.panels();
    const total = panels.length;
    if (!total) return;
    const talkScale = matchMedia(NARROW).matches ? 1 : SCALE;
    this.shown = this.shown.map((index) => ((index % total) + total) % total);
    const indices = [...new Set(this.shown.slice(0, this.count))];
    this.boardRoot.style.setProperty("--rs-talk-columns", indices.length);
    panels.forEach((panel, i) => {
      panel.section.toggleAttribute("data-away", this.isOn && !indices.includes(i));
      panel.scale = this.isOn ? talkScale : panel.isFull ? SCALE : 1;
    });
    this.positionLabel.textContent = `${indices.map((index) => index + 1).join(" and ")} of ${total}`;
    this.buttons.panels.textContent = this.count === 1 ? "Two panels" : "One panel";
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
    this.steering.setConnected(isConnected);
    this.enableOrders();
  }

  enableOrders() {
    for (const order of ORDERS) this.buttons[order].disabled = !this.isConnected || !this.canToggle;
  }
}
