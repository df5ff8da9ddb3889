// A sentence about the run for screen readers.

import { createElement, setText } from "../dom.js";

const INTERVAL = 5000; // milliseconds between two sentences: a screen reader needs time to speak one

export class Announcer {
  constructor() {
    this.root = createElement("div", "rs-hidden");
    this.root.setAttribute("role", "status");
    this.root.setAttribute("aria-live", "polite");
    this.announcedAt = -Infinity;
  }

  // A change of state is announced at once.
  announce(sentence, state) {
    const sameState = state === this.state;
    if (sameState && (!sentence || performance.now() - this.announcedAt < INTERVAL)) return;
    setText(this.root, sameState ? sentence : `${state}. ${sentence}`);
    this.announcedAt = performance.now();
    this.state = state;
  }
}
