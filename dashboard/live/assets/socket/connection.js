// The live socket. It is reopened whenever it closes. If it cannot be opened, the page polls instead.

const SERVER_ERROR = 4500; // close code, as in dashboard/live/routes.py
const MAX_ATTEMPTS = 3; // failed attempts before the page polls
const MAX_PAUSE = 5000; // milliseconds between two attempts

export class Connection {
  // onMessage: called with the text of every message.
  // onNotice: called with a problem of the connection, "" if it works.
  // onFallback: called with true when the page must poll, with false when the socket works again.
  // onOpen: called when messages can be sent. panels: returns the names of the panels in the viewport.
  constructor({ onMessage, onNotice, onFallback, onOpen, panels }) {
    Object.assign(this, { onMessage, onNotice, onFallback, onOpen, panels });
    this.failedAttempts = 0;
    this.receivedCharacters = 0;
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  // Connect to an address; null closes the connection.
  setAddress(address) {
    if (this.address === address) return;
    this.address = address;
    this.failedAttempts = 0;
    this.onNotice("");
    this.close();
    if (address) this.open();
  }

  // Returns whether the message was sent.
  send(message) {
    if (this.isOpen) this.socket.send(JSON.stringify(message));
    return this.isOpen;
  }

  open() {
    const url = new URL(this.address, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("panels", this.panels().join(","));
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => this.onOpen();
    socket.onmessage = ({ data }) => {
      this.failedAttempts = 0;
      this.onNotice("");
      this.onFallback(false);
      this.receivedCharacters += data.length;
      requestAnimationFrame(() => {
        if (socket === this.socket) this.onMessage(data);
      });
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.failedAttempts += 1;
      if (code === SERVER_ERROR) {
        this.onNotice("The server cannot show this run; the reason is in its log. Trying again …");
      } else if (this.failedAttempts >= MAX_ATTEMPTS) {
        this.onNotice("The live connection cannot be opened: the page is updated twice a second instead.");
        this.onFallback(true);
      } else {
        this.onNotice("The connection to the server is lost. Trying again …");
      }
      this.retryTimer = setTimeout(() => this.address && this.open(), Math.min(500 * this.failedAttempts, MAX_PAUSE));
    };
  }

  close() {
    clearTimeout(this.retryTimer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}
