// Reports from the board to the Streamlit page. Every report causes a script run of the page, so no report is repeated.
//
// Streamlit joins reports that wait for the same script run, and of several triggers it keeps the newest only. The
// requests of the user are therefore a numbered list in the state of the component; the page executes each once.

const COMPARE_DELAY = 400; // milliseconds; by then the first frame after a script run has arrived
const MAX_REQUESTS = 20; // in the list, which has those that the page has not executed yet

export class PageReports {
  constructor() {
    this.id = `${performance.timeOrigin}-${Math.random()}`;
    this.requests = [];
    this.requestCount = 0;
  }

  // Streamlit calls the board with a new component after every script run.
  update(component) {
    this.component = component;
    const executed = component.data.executed?.[this.id] ?? 0;
    this.requests = this.requests.filter(([number]) => number > executed);
  }

  get polling() {
    return Boolean(this.component?.data.polling);
  }

  // Called when the board shows another run.
  setRun(run) {
    this.run = run;
    this.reportedVersion = null;
    this.newestVersion = undefined;
  }

  // version: the field `page` of the status in the newest frame.
  setVersion(version) {
    this.newestVersion = version;
    this.compareVersions();
  }

  // The page is built for one version of the run. If the newest version differs, the page must be built again.
  compareVersions() {
    const { newestVersion } = this;
    if (newestVersion === this.component?.data.page) this.reportedVersion = null;
    else if (this.component && this.run && newestVersion !== undefined && newestVersion !== this.reportedVersion) {
      this.reportedVersion = newestVersion;
      this.component.setTriggerValue("page", newestVersion);
    }
  }

  // The last frame of a run may arrive before the page, which was built for an older version.
  compareVersionsLater() {
    clearTimeout(this.compareTimer);
    this.compareTimer = setTimeout(() => this.compareVersions(), COMPARE_DELAY);
  }

  // step: the step to look back at; null for live. Only a page that polls needs this report.
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
    this.request("order", name);
  }

  fork(step) {
    this.request("fork", step);
  }

  restoreLayout(layout) {
    this.request("layout", layout);
  }

  request(name, value) {
    if (!this.component) return;
    this.requestCount += 1;
    this.requests = [...this.requests, [this.requestCount, name, value]].slice(-MAX_REQUESTS);
    this.component.setStateValue("requests", { board: this.id, list: this.requests });
  }

  close() {
    clearTimeout(this.compareTimer);
  }
}
