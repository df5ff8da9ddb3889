// The line above the board: what is trained, or how the run ended. The user can hide it; the browser stores that.

import { createButton, createElement, setText } from "../dom.js";
import { readStored, store } from "../storage.js";

const KEY = "regscope.sentence";

export class Sentence {
  constructor() {
    this.text = createElement("span", "");
    this.hideButton = createButton("Hide", "Hide this line", () => this.setHidden(true));
    this.showButton = createButton("Text", "Show the line about the run", () => this.setHidden(false));
    this.root = createElement("div", "rs-sentence", this.text, this.hideButton);
    this.isHidden = readStored(KEY) === "hidden";
    this.update();
  }

  show(text) {
    setText(this.text, text);
    this.text.title = text;
    this.update();
  }

  setHidden(isHidden) {
    this.isHidden = isHidden;
    store(KEY, isHidden ? "hidden" : "shown");
    this.update();
  }

  update() {
    const hasText = Boolean(this.text.textContent);
    this.root.hidden = !hasText || this.isHidden;
    this.showButton.hidden = !hasText || !this.isHidden;
  }
}
