// Talk mode, for a projector: one or two panels in large type, the status line and two rows of controls fill the page.
// It loads no further files, so it works without a network.

import { createButton, createElement, setText } from "../dom.js";
import { largeScale } from "../panels/enlarge.js";
import { Steering } from "./steering.js";

const STEPS = ["step", "step_epoch"];

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
    this.canToggle = this.canStep = true; // whether the orders have an effect
    const addButton = (label, command) => (this.buttons[command] = createButton(label, "", () => perform(command)));
    this.openButton = createButton("Projector", "Projector mode: one or two panels in large type fill the screen (p)", () => perform("talk"));
    this.openButton.classList.add("rs-talk-open");
    addButton("Start", "toggle").setAttribute("data-rs-switch", "");
    this.subtitle = createElement("span", "rs-subtitle");
    this.positionLabel = createElement("span", "rs-position");
    this.problem = createElement("p", "rs-problem");
    this.problem.setAttribute("role", "alert");
    this.steering = new Steering(perform);
    this.root = createElement(
      "div",
      "rs-talk-bar",
      this.problem,
      createElement(
        "div",
        "rs-talk-row",
        this.buttons.toggle,
        addButton("Step", "step"),
        addButton("Step epoch", "step_epoch"),
        this.subtitle,
        this.positionLabel,
        addButton("Previous panel", "previous"),
        addButton("Next panel", "next"),
        addButton("Two panels", "panels"),
        addButton("Keys", "help"),
        addButton("Leave", "leave"),
      ),
      this.steering.root,
    );
    this.handleResize = () => this.isOn && this.scale !== largeScale() && this.arrange();
    window.addEventListener("resize", this.handleResize);
  }

  // labels: the names of the keys of each command, for the buttons' tooltips. steering: see steering.js. subtitle: what is
  // on the board, in a few words. problem: why the last command was refused, or "".
  mount(labels, { steering = null, subtitle = "", problem = "" } = {}) {
    for (const [command, node] of Object.entries(this.buttons)) node.title = labels[command] ?? "";
    setText(this.subtitle, subtitle);
    this.subtitle.title = subtitle;
    this.problemText = problem;
    this.showProblem();
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
    this.showProblem();
    this.arrange();
    if (isOn) document.activeElement?.blur(); // a focused field would take the keys
  }

  // Outside of talk mode the page itself shows the problem.
  showProblem() {
    setText(this.problem, this.isOn ? (this.problemText ?? "") : "");
  }

  // Leave talk mode on this board, which is removed; another board may go on with it.
  close() {
    this.isOn = false;
    window.removeEventListener("resize", this.handleResize);
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
    this.shown = this.shown.map((index) => ((index % total) + total) % total);
    const indices = [...new Set(this.shown.slice(0, this.count))];
    this.boardRoot.style.setProperty("--rs-talk-columns", indices.length);
    const scale = (this.scale = largeScale());
    panels.forEach((panel, i) => {
      panel.section.toggleAttribute("data-away", this.isOn && !indices.includes(i));
      panel.scale = this.isOn || panel.isFull ? scale : 1;
    });
    this.positionLabel.textContent = `${indices.map((index) => index + 1).join(" and ")} of ${total}`;
    this.buttons.panels.textContent = this.count === 1 ? "Two panels" : "One panel";
    this.restyle();
  }

  // label: the label of the first button; "" if all runs have ended and the page cannot start others.
  // hasRun, over: whether there is a run, and whether it has ended: then it cannot train on.
  setRun({ toggle: label, hasRun, over }) {
    Object.assign(this, { canToggle: Boolean(label), canStep: Boolean(label) && !(hasRun && over) });
    this.buttons.toggle.textContent = label || "Ended";
    this.steering.setHasRun(hasRun);
    this.enableOrders();
  }

  setConnected(isConnected) {
    this.isConnected = isConnected;
    this.steering.setConnected(isConnected);
    this.enableOrders();
  }

  enableOrders() {
    this.buttons.toggle.disabled = !this.isConnected || !this.canToggle;
    for (const order of STEPS) this.buttons[order].disabled = !this.isConnected || !this.canStep;
  }
}
