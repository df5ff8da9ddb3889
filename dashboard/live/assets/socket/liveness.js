// Whether the server answers. It sends a heartbeat every second on the live socket; a page that polls gets frames
// instead. A socket may stay open although nothing arrives: the server is stopped, or the network is gone.

const CHECK_INTERVAL = 250; // milliseconds
const LOST_AFTER = 10; // checks without a message, 2.5 s: two heartbeats are missing
const REOPEN_AFTER = 40; // checks without a message, 10 s: then a new socket is tried, because the old one may never end
const BACK_FOR = 40; // checks, 10 s: how long the notice about the return of the connection is shown

export class Liveness {
  // Silence is counted in checks and not read from a clock: a clock may be set, and no check is made while the computer
  // sleeps or the page is busy. Times of day are only shown.
  //
  // isExpected: returns whether messages must arrive now. onChange: called when `isLost` or `text` has changed.
  // onSilent: called when the silence has lasted so long that the connection must be opened again.
  constructor({ isExpected, onChange, onSilent }) {
    Object.assign(this, { isExpected, onChange, onSilent });
    this.isLost = false;
    this.text = ""; // for the notice: since when the connection is lost, or from when to when it was
    this.restart();
    this.timer = setInterval(() => this.check(), CHECK_INTERVAL);
  }

  // Forget the past, for the connection to another run. A lost connection stays lost until a message arrives.
  restart() {
    this.restartSilence();
    this.heardAt = new Date();
  }

  restartSilence() {
    this.silentChecks = 0;
  }

  // A message has arrived.
  hear() {
    this.restart();
    if (!this.isLost) return;
    this.isLost = false;
    this.backChecks = BACK_FOR;
    this.text = `There was no connection to the server from ${formatTime(this.lostSince)} to ${formatTime(this.heardAt)}. The board is live again.`;
    this.onChange();
  }

  lose() {
    if (this.isLost) return;
    this.isLost = true;
    this.lostSince = this.heardAt;
    this.text = `No connection to the server since ${formatTime(this.lostSince)}.`;
    this.onChange();
  }

  check() {
    if (!this.isLost && this.text && --this.backChecks <= 0) {
      this.text = "";
      this.onChange();
    }
    if (!this.isExpected()) return;
    this.silentChecks += 1;
    if (this.silentChecks >= LOST_AFTER) this.lose();
    if (this.silentChecks >= REOPEN_AFTER) {
      this.restartSilence();
      this.onSilent();
    }
  }

  close() {
    clearInterval(this.timer);
  }
}

// Returns the time of day with seconds, such as 14:03:12.
const formatTime = (date) => date.toTimeString().slice(0, 8);
