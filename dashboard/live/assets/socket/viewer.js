// The viewer of a run: it checks the frames that arrive, requests the next ones, and sends orders.

import { Connection } from "./connection.js";
import { againMessage, lookBackMessage, orderMessage, readFrame, readyMessage } from "./messages.js";

export class Viewer {
  // onFrame: called with every frame. panels: returns the names of the panels in the viewport.
  // onNotice: called with texts for the notices "connection", "connectionBack" and "malformedMessage".
  // onFallback, onOpen, onLost, isPolling: as in Connection.
  constructor({ onFrame, panels, onNotice, onFallback, onOpen, onLost, isPolling }) {
    Object.assign(this, { onFrame, panels, onNotice });
    this.wasMalformed = false;
    this.connection = new Connection({
      onMessage: (json) => this.receive(json),
      onNotice,
      onFallback,
      onOpen,
      onLost,
      panels,
      isPolling,
    });
  }

  // address: the address of the run; null for no run.
  setAddress(address) {
    this.connection.setAddress(address);
  }

  // Whether the server does not answer.
  get isLost() {
    return this.connection.isLost;
  }

  get receivedCharacters() {
    return this.connection.receivedCharacters;
  }

  receive(json) {
    try {
      this.read(json);
    } finally {
      this.sendReady(true); // also after an error, because the next frame may be valid
    }
  }

  // json: a frame of a page that polls.
  readPolled(json) {
    this.connection.hearPolledFrame();
    this.read(json);
  }

  // json: a message of the socket, or a frame of a page that polls.
  read(json) {
    const { frame, problem } = readFrame(json);
    this.onNotice({
      malformedMessage:
        problem && `The server sent a message that this page cannot read (${problem}): load the page again.`,
    });
    // the data of the message are lost; request them only once, because the answer may be malformed too
    if (problem && !this.wasMalformed) this.requestAll();
    this.wasMalformed = Boolean(problem);
    if (!problem) this.onFrame(frame);
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
