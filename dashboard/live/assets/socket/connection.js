// The live socket. It is reopened after it was closed; if it cannot be opened, the page polls instead.

const BROKEN = 4500; // close code, as in dashboard/live/routes.py
const MAX_ATTEMPTS = 3; // failed attempts before the page polls
const LONGEST_PAUSE = 5000; // milliseconds between two attempts

export class Connection {
  // message: called with the text of every message.
  // notice: called with a problem of the connection, "" if it works.
  // fallback: called with true when the page must poll, with false when the socket works again.
  // opened: called when messages can be sent. panels: returns the names of the panels in the viewport.
  constructor({ message, notice, fallback, opened, panels }) {
    Object.assign(this, { message, notice, fallback, opened, panels });
    this.attempts = 0;
    this.bytes = 0; // received so far
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  // Connect to an address, null for none.
  setAddress(address) {
    if (this.address === address) return;
    this.address = address;
    this.attempts = 0;
    this.notice("");
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
    socket.onopen = () => this.opened();
    socket.onmessage = ({ data }) => {
      this.attempts = 0;
      this.notice("");
      this.fallback(false);
      this.bytes += data.length;
      requestAnimationFrame(() => {
        if (socket === this.socket) this.message(data);
      });
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.attempts += 1;
      if (code === BROKEN) {
        this.notice("The server cannot show this run; the reason is in its log. Trying again …");
      } else if (this.attempts >= MAX_ATTEMPTS) {
        this.notice("The live connection cannot be opened: the page is updated twice a second instead.");
        this.fallback(true);
      } else {
        this.notice("The connection to the server is lost. Trying again …");
      }
      this.retry = setTimeout(() => this.address && this.open(), Math.min(500 * this.attempts, LONGEST_PAUSE));
    };
  }

  close() {
    clearTimeout(this.retry);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}
