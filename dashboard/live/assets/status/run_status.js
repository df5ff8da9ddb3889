// What the page shows of the run beside its panels: status line, notices, and a sentence for screen readers.

import { Announcer } from "./announcer.js";
import { Notices } from "./notices.js";
import { StatusLine } from "./status_line.js";

const NO_STATUS = { reason: null, refused: null, spoken: "" }; // before the first frame

export class RunStatus {
  // panelNotices: returns one text per panel, "" if the panel is drawn.
  constructor(panelNotices) {
    this.line = new StatusLine();
    this.notices = new Notices(panelNotices);
    this.announcer = new Announcer();
  }

  // status: of a frame, or the state and the metrics that a page begins with.
  show(given) {
    const status = { ...NO_STATUS, ...given };
    this.notices.setRunNotices(status);
    this.announcer.announce(status.spoken, status.state);
    if (status.table) this.line.table.show(status.table);
    this.line.metrics.show(status.figures);
  }

  showState(state, lookingBack) {
    this.line.showState(lookingBack ? `looking back, ${state}` : state);
  }
}
