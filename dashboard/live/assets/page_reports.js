// What the board reports to the Streamlit page. Every report costs a script run of the page, so nothing is
// reported twice.

const SETTLED = 400; // milliseconds in which a frame of the state that a page was built from has arrived

export class PageReports {
  // Streamlit calls the board with a new component after every script run.
  update(component) {
    this.component = component;
  }

  get polling() {
    return Boolean(this.component?.data.polling);
  }

  // Another run is on the board.
  setRun(run) {
    this.run = run;
    this.reported = null;
    this.newest = undefined;
  }

  // state: the `page` of the newest frame.
  setState(state) {
    this.newest = state;
    this.compareState();
  }

  // Transport and sidebar depend on the state that the page was built from: if the newest differs, the page is
  // built again.
  compareState() {
    const { newest } = this;
    if (newest === this.component?.data.page) this.reported = null;
    else if (this.component && this.run && newest !== undefined && newest !== this.reported) {
      this.reported = newest;
      this.component.setTriggerValue("page", newest);
    }
  }

  // The last frame of a run may have arrived just before the page that was built from an earlier state.
  compareStateLater() {
    clearTimeout(this.settled);
    this.settled = setTimeout(() => this.compareState(), SETTLED);
  }

  // The step that is looked back at, null for live. Only a page that polls needs it.
  reportStep(step) {
    if (!this.polling || this.reportedStep === step) return;
    this.reportedStep = step;
    this.component.setStateValue("at", step);
  }

  // Whether the live socket cannot be opened and the page must poll.
  reportFallback(fallback) {
    if (fallback !== this.component.data.polling) this.component.setStateValue("fallback", fallback);
  }

  order(name) {
    this.component?.setTriggerValue("order", name);
  }

  fork(step) {
    this.component.setTriggerValue("fork", step);
  }

  restoreLayout(layout) {
    this.component.setTriggerValue("layout", layout);
  }

  close() {
    clearTimeout(this.settled);
  }
}
