// The notice above the panels: why the run has ended, and what is wrong with the connection or a panel.

import { el, setText } from "../dom.js";

export class Notices {
  // panelNotices: returns one text per panel, "" if the panel is drawn.
  constructor(panelNotices) {
    this.panelNotices = panelNotices;
    this.texts = { reason: "", refused: "", group: "", connection: "", malformed: "" }; // in the order in which they are shown
    this.root = el("div", "rs-notice");
    this.root.setAttribute("role", "alert");
  }

  // Replace some of the texts; "" removes one.
  set(texts) {
    Object.assign(this.texts, texts);
    this.show();
  }

  setRunNotices({ state, reason, refused, notice }) {
    const wayOut = state === "interrupted" ? "Press Resume to go on." : "Press Start for another.";
    this.set({
      reason: reason ? `This run has ended (${state}): ${reason}. ${wayOut}` : "",
      refused: refused ? `A change was refused: ${refused}.` : "",
      group: notice ?? "",
    });
  }

  show() {
    const text = [...Object.values(this.texts), ...this.panelNotices()].filter(Boolean).join(" ");
    setText(this.root, text);
    this.root.toggleAttribute("data-shown", Boolean(text));
  }
}
