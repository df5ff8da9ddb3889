// The layout that this browser used last. A page that is opened without one in its address gets it back.

import { readStored, store } from "./storage.js";

const KEY = "regscope.layout";

export class LayoutMemory {
  // restore: called with the stored layout when it replaces the page's.
  constructor(restore) {
    this.restore = restore;
    this.compared = false; // once per board: later layouts are the user's choice
  }

  // layout: the one on the page, or null if the page has none to keep (several runs).
  keep(layout) {
    if (!layout) return;
    const { name, panels, asked } = layout;
    const shown = JSON.stringify({ name, panels });
    const stored = readStored(KEY);
    if (!this.compared && !asked && stored && stored !== shown) this.restore(JSON.parse(stored));
    else store(KEY, shown);
    this.compared = true;
  }
}
