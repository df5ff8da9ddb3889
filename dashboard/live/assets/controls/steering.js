// The second row of talk mode: regularizer, its strength, pace, grey run, race, fork and damage. The page executes the
// commands, so the row shows what the page has.

import { createButton, createElement, setText } from "../dom.js";

export class Steering {
  // perform: called with the command of a button.
  constructor(perform) {
    this.perform = perform;
    this.choices = createElement("div", "rs-steering-choices");
    this.choices.setAttribute("role", "group");
    this.choices.setAttribute("aria-label", "Regularizer");
    this.strength = createElement("output", "rs-steering-value");
    this.pace = createElement("output", "rs-steering-value");
    this.buttons = {}; // by command
    const button = (label, command, name = label) => {
      const node = createButton(label, "", () => perform(command));
      node.setAttribute("aria-label", name);
      return (this.buttons[command] = node);
    };
    this.ofRun = createElement("span", "rs-steering-part", button("Grey run", "ghost"), button("Fork", "fork"));
    const part = (...children) => createElement("span", "rs-steering-part", ...children);
    this.ofSettings = [
      this.choices,
      part(button("−", "weaker", "Weaker regularizer"), this.strength, button("+", "stronger", "Stronger regularizer")),
      part(button("−", "slower", "Slower"), this.pace, button("+", "faster", "Faster")),
    ];
    const ofAll = part(button("Race", "race"), button("Damage", "damage"));
    this.root = createElement("div", "rs-steering", ...this.ofSettings, this.ofRun, ofAll);
  }

  // labels: the names of the keys of each command. steering: what the page has, see `steering.summary` of the page;
  // null on a page with several runs.
  mount(labels, steering) {
    for (const [command, node] of Object.entries(this.buttons)) node.title = keysTitle(labels[command]);
    for (const each of [...this.ofSettings, this.ofRun]) each.hidden = !steering;
    if (!steering) return;
    const { choices, choice, strength, pace, canSteer } = steering;
    const key = JSON.stringify(choices);
    if (key !== this.choicesKey) {
      this.choicesKey = key;
      this.choices.replaceChildren(
        ...choices.map((name, i) => createButton(name, keysTitle(labels[`regularizer ${i}`]), () => this.perform(`regularizer ${i}`))),
      );
    }
    choices.forEach((name, i) => this.choices.children[i].setAttribute("aria-pressed", String(name === choice)));
    setText(this.strength, strength || "–");
    setText(this.pace, pace);
    for (const command of ["weaker", "stronger"]) this.buttons[command].disabled = !canSteer;
  }

  setHasRun(hasRun) {
    for (const command of ["fork", "damage"]) this.buttons[command].disabled = !hasRun;
  }

  setConnected(isConnected) {
    this.root.inert = !isConnected;
  }
}

function keysTitle(keys) {
  return keys ? `Key ${keys}` : "";
}
