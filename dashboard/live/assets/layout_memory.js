// Stores the last layout in the browser, and restores it on a page without a layout in its address.

import { readStored, store } from "./storage.js";

const STORAGE_KEY = "regscope.layout";

export class LayoutMemory {
  // restore: called with the stored layout if it replaces the layout of the page.
  constructor(restore) {
    this.restore = restore;
    this.hasCompared = false; // the stored layout is restored at most once per board: later changes come from the user
  }

  // layout: the layout of the page; null for a group, which has no layouts.
  remember(layout) {
    if (!layout) return;
    const { name, panels, in_address: inAddress } = layout;
    const layoutJson = JSON.stringify({ name, panels });
    const stored = readStored(STORAGE_KEY);
    if (!this.hasCompared && !inAddress && stored && stored !== layoutJson) this.restore(JSON.parse(stored));
    else store(STORAGE_KEY, layoutJson);
    this.hasCompared = true;
  }
}
