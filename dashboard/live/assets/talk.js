// On a projector: the page is nothing but one or two panels in large type, the line of figures and a
// transport. Everything is on the page already, so that it works without any network.

import { el } from "./panel.js";

export const SCALE = 5 / 3; // 12 pixels become 20

export class Talk {
  constructor(board) {
    this.board = board;
    this.on = false;
    this.count = 1; // panels at once
    this.first = 0;
    const button = (label, title, meaning) => {
      const made = el("button", "rs-button", label);
      made.type = "button";
      made.title = title;
      made.addEventListener("click", () => board.obey(meaning));
      return made;
    };
    this.toggle = button("Start", "Space", "toggle");
    this.place = el("span", "rs-place");
    this.root = el(
      "div",
      "rs-talk-bar",
      this.toggle,
      button("Step", ". or →", "step"),
      button("Step epoch", "e", "step_epoch"),
      this.place,
      button("Previous panel", "PageUp", "previous"),
      button("Next panel", "PageDown", "next"),
      button("One panel", "1", "one"),
      button("Two panels", "2", "two"),
      button("Leave", "Esc", "leave"),
    );
  }

  turn(on) {
    this.on = on;
    document.documentElement.classList.toggle("rs-talk", on);
    this.arrange();
    if (on) document.activeElement?.blur(); // keys are for the talk now
  }

  by(panels) {
    this.first += panels;
    this.arrange();
  }

  show(count) {
    this.count = count;
    this.arrange();
  }

  // Which panels are seen, and how large their type is.
  arrange() {
    const panels = this.board.shown();
    const many = panels.length;
    if (!many) return;
    this.first = ((this.first % many) + many) % many;
    const count = Math.min(this.count, many);
    this.board.root.style.setProperty("--rs-talk-columns", count);
    panels.forEach((panel, i) => {
      const inTalk = (i - this.first + many) % many < count;
      panel.section.toggleAttribute("data-away", this.on && !inTalk);
      panel.scale = this.on ? SCALE : 1;
    });
    const from = this.first + 1;
    this.place.textContent = count === 1 ? `${from} of ${many}` : `${from} and ${(from % many) + 1} of ${many}`;
    this.board.restyle();
  }

  state(word) {
    this.toggle.textContent = { running: "Pause", queued: "Pause", paused: "Resume" }[word] ?? "Start";
  }
}
