// The reports of the board to the Streamlit page. Every report costs a script run of the page, so nothing is
// reported twice.

const SETTLED = 400; // milliseconds after which a frame as new as the page has arrived

export class PageReports {
  // Streamlit calls the board with a new component after every script run.
  update(component) {
    this.component = component;
  }

  get polling() {
    return Boolean(this.component?.data.polling);
  }

  // Called when the board shows another run.
  setRun(run) {
    this.run = run;
    this.reported = null;
    this.newest = undefined;
  }

  // version: the `page` of the newest frame.
  setVersion(version) {
    this.newest = version;
    this.compareVersions();
  }

  // Transport and sidebar are built for one version of the run: if the newest one differs, the page is built again.
  compareVersions() {
    const { newest } = this;
    if (newest === this.component?.data.page) this.reported = null;
    else if (this.component && this.run && newest !== undefined && newest !== this.reported) {
      this.reported = newest;
      this.component.setTriggerValue("page", newest);
    }
  }

  // The last frame of a run may arrive just before a page that was built from an older version.
  compareVersionsLater() {
    clearTimeout(this.settled);
    this.settled = setTimeout(() => this.compareVersions(), SETTLED);
  }

  // step: the step to look back at, null for live. Only a page that polls needs it.
  reportStep(step) {
    if (!this.polling || this.reportedStep === step) return;
    this.reportedStep = step;
    this.component.setStateValue("at", step);
  }

  // fallback: whether the live socket cannot be opened, so the page must poll.
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
