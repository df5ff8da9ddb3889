// The menu of a panel: what exactly it shows, which lines are drawn and how, and buttons that save the chart or enlarge
// the panel.

import { createButton, createElement, setText } from "../dom.js";
import { readStored, store } from "../storage.js";
import { createCheckBox, Switches } from "./choices.js";
import { csvOf } from "./csv.js";
import { savePicture } from "./pictures.js";

const EDGE = 8; // pixels between the menu and the edge of the window

export class PanelMenu {
  // panel: the panel. stepName: returns a name for the step on the board, for files. onLines: called after the choice of
  // lines has changed. onEnlarge: called when the panel should fill the board, or no longer.
  constructor(panel, { stepName, onLines, onEnlarge }) {
    Object.assign(this, { panel, stepName });
    this.smoothKey = `regscope.${panel.name}.smooth`;
    this.caption = createElement("p", "rs-menu-caption");
    this.note = createElement("p", "rs-menu-caption");
    this.about = createElement("div", "rs-menu-about");
    this.switches = new Switches(panel.name, onLines);
    const { input, node } = createCheckBox("Smooth the lines", (checked) => {
      store(this.smoothKey, checked ? "on" : "off");
      onLines();
    });
    Object.assign(this, { smooth: input, smoothLabel: node });
    this.smoothLabel.title = "An exponential moving average; the measured line stays faint behind it";
    this.files = createElement(
      "div",
      "rs-menu-buttons",
      createButton("PNG", "Save the chart as a picture of pixels", () => this.savePicture("png")),
      createButton("SVG", "Save the chart as a picture of lines", () => this.savePicture("svg")),
      createButton("CSV", "Save the numbers of the chart as a table", () => this.saveTable()),
    );
    this.enlarge = createButton("Full size", "Show this panel on the whole board; also a double click on its title", () => {
      this.root.hidePopover();
      onEnlarge();
    });
    this.files.prepend(this.enlarge);
    this.root = createElement("div", "rs-menu", this.caption, this.note, this.about, this.switches.root, this.smoothLabel, this.files);
    this.root.setAttribute("popover", "");
    this.root.id = `rs-menu-${panel.name}`;
    this.button = createElement("button", "rs-icon", "i");
    Object.assign(this.button, { type: "button", title: "What exactly is this? Full size, save as picture or table" });
    this.button.setAttribute("aria-label", `About “${panel.title.textContent}”: explanation, full size, save`);
    this.button.setAttribute("aria-expanded", "false");
    this.button.popoverTargetElement = this.root;
    this.root.addEventListener("beforetoggle", ({ newState }) => {
      this.button.setAttribute("aria-expanded", String(newState === "open"));
      if (newState === "open") this.fill();
    });
    this.root.addEventListener("toggle", ({ newState }) => newState === "open" && this.place());
  }

  // about: sentences. smooth: whether lines are smooth at first; null if the panel has no lines to smooth. switches: the
  // check boxes for further lines.
  mount({ about = [], smooth = null, switches = [], figures }) {
    this.switches.setSwitches(switches);
    this.about.replaceChildren(...about.map((sentence) => createElement("p", "", sentence)));
    this.smoothLabel.hidden = smooth === null;
    const stored = readStored(this.smoothKey);
    this.smooth.checked = smooth !== null && (stored ? stored === "on" : smooth);
    for (const button of [...this.files.children].slice(1)) button.hidden = !figures;
  }

  get isSmooth() {
    return this.smooth.checked;
  }

  fill() {
    setText(this.caption, this.panel.hint.textContent);
    setText(this.note, this.panel.note.textContent);
    this.enlarge.textContent = this.panel.isFull ? "Normal size" : "Full size";
  }

  // Below the button, inside the window.
  place() {
    const { right, bottom } = this.button.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.root;
    const left = Math.max(EDGE, Math.min(right - offsetWidth, innerWidth - offsetWidth - EDGE));
    const top = Math.max(EDGE, Math.min(bottom + 4, innerHeight - offsetHeight - EDGE));
    Object.assign(this.root.style, { left: `${left}px`, top: `${top}px` });
  }

  fileName() {
    return `regscope-${this.panel.name}-${this.stepName()}`;
  }

  savePicture(kind) {
    return savePicture(this.panel, kind, this.fileName());
  }

  saveTable() {
    const link = createElement("a", "");
    link.href = URL.createObjectURL(new Blob([csvOf(this.panel.chart, this.panel.traces)], { type: "text/csv" }));
    link.download = `${this.fileName()}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}
