// The input of a board: what keys and buttons do, and what is disabled while the server does not answer.

import { commandHandler } from "./commands.js";
import { addKeyListener } from "./keys.js";
import { PageControls } from "./page_controls.js";

export class Input {
  // root: of the board. keys: returns the commands of the keys, see keys.js.
  // timeline, talk, help, viewer, reports, canTakeOrders: see commands.js.
  constructor({ root, timeline, talk, help, viewer, reports, keys, canTakeOrders }) {
    Object.assign(this, { root, timeline, talk });
    this.pageControls = new PageControls();
    const isConnected = () => !viewer.isLost;
    const pageCommands = () => keys()?.page ?? [];
    this.perform = commandHandler({ timeline, talk, help, viewer, reports, canTakeOrders, isConnected, pageCommands });
    this.removeKeyListener = addKeyListener({ commands: keys, inTalk: () => talk.isOn, perform: this.perform });
  }

  // isConnected: whether the server answers. Returns whether that has changed.
  setConnected(isConnected) {
    if (this.root.hasAttribute("data-lost") !== isConnected) return false;
    this.root.toggleAttribute("data-lost", !isConnected);
    for (const part of [this.timeline, this.talk, this.pageControls]) part.setConnected(isConnected);
    return true;
  }

  close() {
    this.removeKeyListener();
    this.pageControls.setConnected(true);
  }
}
