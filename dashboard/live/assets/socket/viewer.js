// The viewer of a run: it checks the frames that arrive, requests the next ones, and sends orders.

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

  // address: of the run, null for none.
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

  // json: a message of the socket, or a frame of a page that polls.
  read(json) {
    const { frame, problem } = readFrame(json);
    this.notice({
      malformed: problem && `The server sent a message that this page cannot read (${problem}): load the page again.`,
    });
    // the content of the message is lost; it is requested once, because the answer may be malformed too
    if (problem && !this.wasMalformed) this.requestAll();
    this.wasMalformed = Boolean(problem);
    if (!problem) this.draw(frame);
  }

  // The server sends the next frame after a message with `drawn: true`.
  sendReady(drawn) {
    this.connection.send(readyMessage(this.panels(), drawn));
  }

  // The next frame must contain complete panels.
  requestAll() {
    this.connection.send(againMessage());
  }

  // A frame of the step follows. step: null for live.
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
