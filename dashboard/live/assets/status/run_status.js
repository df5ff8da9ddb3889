// The parts of the board outside of the panels: status line, notices, and a sentence for screen readers.

import { Announcer } from "./announcer.js";
import { Notices } from "./notices.js";
import { StatusLine } from "./status_line.js";

const NO_STATUS = { notice: "", spoken: "" }; // before the first frame

export class RunStatus {
  // panelNotices: returns a text for each panel, "" if it is drawn.
  constructor(panelNotices) {
    this.line = new StatusLine();
    this.notices = new Notices(panelNotices);
    this.announcer = new Announcer();
  }

  // status: of a frame, or the initial state and metrics of a page.
  show(given) {
    const status = { ...NO_STATUS, ...given };
    this.notices.set({ run: status.notice });
    this.announcer.announce(status.spoken, status.state);
    if (status.table) this.line.table.show(status.table);
    this.line.metrics.show(status.metrics);
  }

  showState(state, isLookingBack) {
    this.line.showState(isLookingBack ? `looking back, ${state}` : state);
  }
}
