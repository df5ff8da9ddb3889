// One panel that fills the board, until Escape or a second double click on its title.

import { largeScale } from "./enlarge.js";

export class FullSize {
  // panels: returns the panels. restyle: draws every figure again, with the scale of its panel.
  constructor(panels, restyle) {
    Object.assign(this, { panels, restyle });
    this.handleKey = (event) => {
      if (event.key !== "Escape" || document.querySelector(":popover-open")) return;
      const panel = this.panels().find((each) => each.isFull);
      if (panel) this.toggle(panel);
    };
    this.handleResize = () => {
      const panel = this.panels().find((each) => each.isFull);
      if (!panel || panel.scale === largeScale()) return;
      panel.scale = largeScale();
      this.restyle();
    };
    document.addEventListener("keydown", this.handleKey);
    window.addEventListener("resize", this.handleResize);
  }

  // In talk mode a panel has its full size already.
  toggle(panel) {
    if (document.documentElement.classList.contains("rs-talk")) return;
    for (const each of this.panels()) {
      each.isFull = each === panel && !each.isFull;
      each.section.toggleAttribute("data-full", each.isFull);
      each.scale = each.isFull ? largeScale() : 1;
    }
    this.restyle();
  }

  close() {
    document.removeEventListener("keydown", this.handleKey);
    window.removeEventListener("resize", this.handleResize);
  }
}
