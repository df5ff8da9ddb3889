// The layout that this browser used last. It is restored on a page that has no layout in its address.

import { readStored, store } from "./storage.js";

const KEY = "regscope.layout";

export class LayoutMemory {
  // restore: called with the stored layout when it replaces the page's.
  constructor(restore) {
    this.restore = restore;
    this.compared = false; // once per board: later layouts are the user's choice
  }

  // layout: of the page; null if there is no choice, as for several runs.
  keep(layout) {
    if (!layout) return;
    const { name, panels, in_address: inAddress } = layout;
    const shown = JSON.stringify({ name, panels });
    const stored = readStored(KEY);
    if (!this.compared && !inAddress && stored && stored !== shown) this.restore(JSON.parse(stored));
    else store(KEY, shown);
    this.compared = true;
  }
}
