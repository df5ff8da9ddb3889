// The parts of the board outside of the panels: status line, notices, and a sentence for screen readers.

import { Announcer } from "./announcer.js";
import { Notices } from "./notices.js";
import { Sentence } from "./sentence.js";
import { StatusLine } from "./status_line.js";

const DEFAULT_STATUS = { notice: "", spoken: "", sentence: "" }; // before the first frame

export class RunStatus {
  // panelErrors: returns the error of each panel, "" for a panel without an error.
  constructor(panelErrors) {
    this.line = new StatusLine();
    this.sentence = new Sentence();
    this.notices = new Notices(panelErrors);
    this.announcer = new Announcer();
  }

  // partialStatus: the status of a frame, or the initial state and metrics of a page.
  show(partialStatus) {
    const status = { ...DEFAULT_STATUS, ...partialStatus };
    this.notices.set({ run: status.notice });
    this.announcer.announce(status.spoken, status.state);
    if (status.table) this.line.table.show(status.table);
    this.line.metrics.show(status.metrics);
    this.sentence.show(status.sentence);
  }

  // isLost: whether the server does not answer, so that the state is unknown.
  showState(state, isLookingBack, isLost = false) {
    const shownState = isLost ? "no connection" : state;
    this.line.showState(isLookingBack ? `looking back, ${shownState}` : shownState);
  }
}
