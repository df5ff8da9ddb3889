// The live socket: dialled again when it is lost, and given up for polling where it cannot be had.

const BROKEN = 4500; // close code, as routes.py has it

export class Connection {
  // frame: called with every frame. trouble: called with what to say of the connection, "" where all is
  // well. failed: called with true when the page must ask instead, with false when the socket is back.
  // opened: called when there is somebody to talk to.
  // panels: gives the names of those in sight.
  constructor({ frame, trouble, failed, opened, panels }) {
    Object.assign(this, { frame, trouble, failed, opened, panels });
    this.attempts = 0;
  }

  get open() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  to(address) {
    if (this.address === address) return;
    this.address = address;
    this.attempts = 0;
    this.trouble("");
    this.hangUp();
    if (address) this.dial();
  }

  say(message) {
    if (this.open) this.socket.send(JSON.stringify(message));
    return this.open;
  }

  dial() {
    const url = new URL(this.address, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("panels", this.panels().join(","));
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onmessage = (message) => {
      this.attempts = 0;
      this.trouble("");
      this.failed(false);
      this.bytes = (this.bytes ?? 0) + message.data.length;
      const frame = JSON.parse(message.data);
      requestAnimationFrame(() => {
        if (socket === this.socket) this.frame(frame);
      });
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.attempts += 1;
      if (code === BROKEN) {
        this.trouble("The server cannot show this run, and its log says why: trying again …");
      } else if (this.attempts >= 3) {
        this.trouble("The live connection cannot be had here: the page asks twice a second instead.");
        this.failed(true);
      } else {
        this.trouble("The connection to the server is lost: trying again …");
      }
      this.retry = setTimeout(() => this.address && this.dial(), Math.min(500 * this.attempts, 5000));
    };
  }

  hangUp() {
    clearTimeout(this.retry);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}
