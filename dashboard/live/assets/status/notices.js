// The notice above the panels: the end of the run, and errors of the connection and of panels.

import { createElement, setText } from "../dom.js";

export class Notices {
  // panelErrors: returns the error of each panel, "" for a panel without an error.
  constructor(panelErrors) {
    this.panelErrors = panelErrors;
    this.texts = { run: "", connection: "", malformedMessage: "", connectionBack: "" }; // in the order in which they are shown
    this.root = createElement("div", "rs-notice");
    this.root.setAttribute("role", "alert");
  }

  // Replace some of the texts; "" removes one.
  set(texts) {
    Object.assign(this.texts, texts);
    this.show();
  }

  show() {
    const text = [...Object.values(this.texts), ...this.panelErrors()].filter(Boolean).join(" ");
    setText(this.root, text);
    this.root.toggleAttribute("data-shown", Boolean(text));
    this.root.toggleAttribute("data-good", Boolean(text) && text === this.texts.connectionBack);
  }
}
