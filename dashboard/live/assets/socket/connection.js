// The live socket. It is reopened whenever it closes or is silent. If it cannot be opened, the page polls instead.

import { Liveness } from "./liveness.js";
import { HEARTBEAT } from "./messages.js";

const SERVER_ERROR = 4500; // close code, as in dashboard/live/routes.py
const MAX_ATTEMPTS = 3; // failed attempts before the page must poll
const MAX_PAUSE = 5000; // milliseconds between two attempts
const TRYING_AGAIN = "Trying again\u00a0…"; // no line break before the dots

export class Connection {
  // onMessage: called with the text of every message except heartbeats.
  // onNotice: called with texts for the notices "connection" and "connectionBack", "" if there is nothing to report.
  // onFallback: called with true when the page must poll, with false when the socket works again.
  // onOpen: called when messages can be sent. onLost: called with whether the server does not answer.
  // panels: returns the names of the panels in the viewport. isPolling: returns whether the page polls.
  constructor({ onMessage, onNotice, onFallback, onOpen, onLost, panels, isPolling }) {
    Object.assign(this, { onMessage, onNotice, onFallback, onOpen, onLost, panels, isPolling });
    this.failedAttempts = 0;
    this.receivedCharacters = 0; // without heartbeats
    this.hasServerError = false;
    this.liveness = new Liveness({
      isExpected: () => Boolean(this.socket) || (Boolean(this.address) && isPolling()),
      onChange: () => this.report(),
      onSilent: () => this.reopen(),
    });
    this.retryNow = () => this.retryTimer && !this.socket && this.address && this.open();
    this.showNotice = () => this.report();
    addEventListener("online", this.retryNow);
    for (const name of ["online", "offline"]) addEventListener(name, this.showNotice);
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  get isLost() {
    return this.liveness.isLost;
  }

  // Connect to an address; null closes the connection.
  setAddress(address) {
    if (this.address === address) return;
    this.address = address;
    this.failedAttempts = 0;
    this.hasServerError = false;
    this.closeSocket();
    this.liveness.restart();
    if (address) this.open();
    else this.liveness.hear(); // without a run there is no connection that could be lost
    this.report();
  }

  // Returns whether the message was sent.
  send(message) {
    if (this.isOpen) this.socket.send(JSON.stringify(message));
    return this.isOpen;
  }

  open() {
    this.closeSocket();
    if (!this.isPolling()) this.liveness.restartSilence(); // polled frames must arrive whether a socket is tried or not
    const url = new URL(this.address, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("heartbeats", "");
    url.searchParams.set("panels", this.panels().join(","));
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => socket === this.socket && this.onOpen();
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket) return;
      this.failedAttempts = 0;
      this.hasServerError = false;
      this.liveness.hear();
      this.report();
      this.onFallback(false);
      if (data === HEARTBEAT) return;
      this.receivedCharacters += data.length;
      requestAnimationFrame(() => {
        if (socket === this.socket) this.onMessage(data);
      });
    };
    socket.onclose = ({ code }) => {
      if (socket === this.socket) this.fail(code);
    };
  }

  // The socket has closed, or is given up. code: the close code; none for a silent socket.
  fail(code) {
    this.socket = null;
    this.failedAttempts += 1;
    this.hasServerError = code === SERVER_ERROR;
    if (this.hasServerError) this.liveness.hear();
    else if (!this.isPolling()) this.liveness.lose();
    if (!this.hasServerError && this.failedAttempts >= MAX_ATTEMPTS) this.onFallback(true);
    this.report();
    const pause = Math.min(500 * this.failedAttempts, MAX_PAUSE);
    this.retryTimer = setTimeout(() => this.address && this.open(), pause);
  }

  // Give up a socket on which nothing has arrived for long.
  reopen() {
    if (!this.socket) return;
    this.closeSocket();
    this.fail();
  }

  // A frame has arrived although the socket cannot be opened, because the page polls.
  hearPolledFrame() {
    this.liveness.hear();
    this.report();
  }

  report() {
    const { isLost, text } = this.liveness;
    this.onLost(isLost);
    let connection = "";
    if (this.hasServerError) connection = `The server cannot show this run; the reason is in its log. ${TRYING_AGAIN}`;
    else if (isLost) connection = `${text} ${navigator.onLine ? TRYING_AGAIN : "This computer is offline."}`;
    else if (this.isPolling() && !this.isOpen && this.failedAttempts) {
      connection = "The live connection cannot be opened: the page is updated twice a second instead.";
    }
    this.onNotice({ connection, connectionBack: isLost || connection ? "" : text });
  }

  closeSocket() {
    clearTimeout(this.retryTimer);
    this.retryTimer = null;
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  close() {
    this.closeSocket();
    this.liveness.close();
    removeEventListener("online", this.retryNow);
    for (const name of ["online", "offline"]) removeEventListener(name, this.showNotice);
  }
}
