// This page as a viewer of a run: it checks the frames that arrive, requests the next ones, and sends orders.

import { Connection } from "./connection.js";
import { againMessage, lookBackMessage, orderMessage, readFrame, readyMessage } from "./messages.js";

export class Viewer {
  // draw: called with every frame. panels: returns the names of the panels in the viewport.
  // notice: called with texts for the notices "connection" and "malformed". fallback, opened: as in Connection.
  constructor({ draw, panels, notice, fallback, opened }) {
    Object.assign(this, { draw, panels, notice });
    this.wasMalformed = false;
    this.connection = new Connection({
      message: (json) => this.receive(json),
      notice: (connection) => notice({ connection }),
      fallback,
      opened,
      panels,
    });
  }

  // The run's address, null for none.
  setAddress(address) {
    this.connection.setAddress(address);
  }

  get bytes() {
    return this.connection.bytes;
  }

  receive(json) {
    try {
      this.read(json);
    } finally {
      this.sendReady(true); // also after an error: the next frame may be drawn
    }
  }

  // A message of the socket, or a frame of a page that polls.
  read(json) {
    const { frame, problem } = readFrame(json);
    this.notice({
      malformed: problem && `The server sent a message that this page cannot read (${problem}): load the page again.`,
    });
    // what the message contained is lost. It is requested once: the answer may be malformed too
    if (problem && !this.wasMalformed) this.requestAll();
    this.wasMalformed = Boolean(problem);
    if (!problem) this.draw(frame);
  }

  // The server sends the next frame after it has heard that this one is drawn.
  sendReady(drawn) {
    this.connection.send(readyMessage(this.panels(), drawn));
  }

  // The next frame is to contain every panel whole.
  requestAll() {
    this.connection.send(againMessage());
  }

  // A step, or null for live. A frame of that step follows.
  lookBack(step) {
    this.connection.send(lookBackMessage(step));
  }

  // Returns whether the order was sent.
  sendOrder(name) {
    return this.connection.send(orderMessage(name));
  }

  close() {
    this.connection.close();
  }
}
