// Check what the server sends, draw it, and request the next frame.

import { readFrame } from "./messages.js";

export class FrameReceiver {
  // draw: called with a frame. ready: called when the server may send the next one.
  // requestAll: called when every panel must be sent whole. notice: called with a notice, "" for none.
  constructor({ draw, ready, requestAll, notice }) {
    Object.assign(this, { draw, ready, requestAll, notice });
    this.wasMalformed = false;
  }

  // A message of the socket.
  receive(json) {
    try {
      this.read(json);
    } finally {
      this.ready(); // also after an error: the next frame may be drawn
    }
  }

  // A frame of a page that polls: nobody waits until it is drawn.
  receiveFed(json) {
    this.read(json);
  }

  read(json) {
    const { frame, problem } = readFrame(json);
    this.notice(problem && `The server sent a message that this page cannot read (${problem}): load the page again.`);
    // what the message contained is lost. It is requested once: the answer may be malformed too
    if (problem && !this.wasMalformed) this.requestAll();
    this.wasMalformed = Boolean(problem);
    if (!problem) this.draw(frame);
  }
}
