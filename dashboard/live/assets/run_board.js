// One board, which connects the viewer, the panels and the controls. Figures and numbers come from Python, and each
// frame replaces parts of them. No JavaScript module contains anything about regularization.

import { createElement } from "./dom.js";
import { Input } from "./controls/input.js";
import { KeyHelp } from "./controls/key_help.js";
import { LayoutMemory } from "./layout_memory.js";
import { PageReports } from "./page_reports.js";
import { PanelGrid } from "./panels/panel_grid.js";
import { loadPlotly } from "./plotly_loader.js";
import { PublishedState } from "./published_state.js";
import { RunStatus } from "./status/run_status.js";
import { Talk } from "./controls/talk.js";
import { Theme } from "./theme.js";
import { Timeline } from "./controls/timeline.js";
import { Viewer } from "./socket/viewer.js";

export class RunBoard {
  constructor(slot) {
    this.root = createElement("div", "rs-board");
    this.root.setAttribute("data-regscope-board", "");
    this.reports = new PageReports();
    this.layoutMemory = new LayoutMemory((layout) => this.reports.restoreLayout(layout));
    this.status = new RunStatus(() => this.grid.panelErrors());
    this.timeline = new Timeline((step) => this.lookBack(step), (step) => this.reports.fork(step));
    this.grid = new PanelGrid({
      viewportChanged: () => this.viewer.sendReady(false),
      ...{ requestAll: () => this.viewer.requestAll(), chooseWeight: (weight) => this.reports.request("weight", weight) },
      stepName: () => `step-${this.timeline.at ?? this.step}`,
    });
    this.talk = new Talk({
      root: this.root,
      panels: () => this.grid.panels(),
      perform: (command) => this.input.perform(command),
      restyle: () => this.grid.restyle(this.theme.dark),
    });
    this.viewer = new Viewer({
      onFrame: (frame) => this.draw(frame),
      panels: () => this.grid.namesInViewport(),
      onNotice: (texts) => this.status.notices.set(texts),
      onFallback: (fallback) => this.reports.reportFallback(fallback),
      onOpen: () => this.timeline.isLookingBack && this.lookBack(this.timeline.at),
      onLost: (isLost) => this.input.setConnected(!isLost) && this.showState(),
      isPolling: () => this.reports.polling,
    });
    this.help = new KeyHelp();
    const { root, timeline, talk, help, viewer, reports } = this;
    this.input = new Input({
      ...{ root, timeline, talk, help, viewer, reports },
      keys: () => this.data?.keys,
      canTakeOrders: () => Boolean(this.run) && !this.over,
    });
    const { line, notices, announcer, sentence } = this.status;
    this.timeline.root.append(sentence.showButton, talk.openButton, help.button);
    this.root.append(line.root, sentence.root, this.timeline.root, notices.root, this.grid.root, this.talk.root, help.root, announcer.root);
    slot.append(this.root);
    this.published = new PublishedState(this.root);
    Object.assign(this, { step: 0, state: "" });
    this.publishState();
    this.theme = new Theme(this.root, () => this.restyle());
  }

  // Called after every script run.
  update(component) {
    this.reports.update(component);
    const { data } = component;
    this.theme.setColours(data.colours);
    this.mounted = loadPlotly(data.plotly).then(
      () => this.mount(data),
      (error) => this.status.notices.set({ connection: `${error.message}: load the page again.` }),
    );
    this.mounted.then(() => {
      if (this.closed || !window.Plotly || this.reports.component !== component) return;
      this.viewer.setAddress(data.socket);
      this.reports.compareVersionsLater();
      this.reports.reportStep(this.timeline.at); // the user may have looked back before the page started to poll
    });
  }

  mount(data) {
    if (this.closed) return;
    this.data = data;
    const { state, over, toggle, metrics, sentence } = data;
    const isOtherRun = this.run !== data.run;
    if (isOtherRun) this.startRun(data);
    if (isOtherRun || !data.run) this.showStatus({ step: 0, state, over, toggle, metrics, sentence });
    this.theme.apply();
    this.mountTable();
    this.timeline.setBadge(data.badge);
    this.timeline.forkButton.hidden = Boolean(data.table); // a group cannot be forked
    this.grid.mount(data.panels, this.theme.dark, this.talk.isOn);
    this.layoutMemory.remember(data.layout);
    this.help.mount(data.keys.help ?? []);
    this.talk.mount(data.keys.labels, data);
    this.publishState();
  }

  startRun({ run, subject = run }) {
    Object.assign(this, { run, step: 0 });
    this.published.resetFrameCount();
    this.reports.setRun(run);
    if (subject !== this.subject) {
      this.timeline.returnToLive();
      this.timeline.setLast(0);
    }
    this.subject = subject;
    this.status.line.table.show([]);
    this.status.notices.set({ malformedMessage: "" });
    this.grid.startRun();
  }

  // A group has a table instead of metrics.
  mountTable() {
    this.status.line.mountTable(this.root, this.data?.table, this.theme.dark);
  }

  restyle() {
    this.mountTable();
    this.grid.restyle(this.theme.dark);
  }

  feed(run, json) {
    if (run === this.reports.component?.data.run) this.mounted.then(() => this.reports.polling && this.viewer.readPolled(json));
  }

  draw(frame) {
    if (this.closed || frame.run !== this.run) return;
    const { status } = frame, { isLookingBack } = this.timeline;
    if (Boolean(frame.past) !== isLookingBack) {
      // the server sent this frame before the user looked back or returned to live: use only the progress of the run
      if (status && isLookingBack) this.showProgress(status);
      else if (status) this.timeline.setLast(status.last);
      return;
    }
    this.grid.draw(frame.panels);
    if (status) {
      this.timeline.setLast(status.last);
      if (frame.past) this.timeline.setKeyframe(status.keyframe);
      this.timeline.setForkRefusal(status.fork_refusal);
      this.showStatus(status);
      if (!frame.past && this.state === "running") this.published.recordAge(status.measured_at);
    }
    this.status.notices.show();
    this.published.countFrame();
    this.publishState();
  }

  // While the user looks back, a live frame changes only the newest step and the state of the run.
  showProgress(status) {
    this.timeline.setLast(status.last);
    this.setState(status);
    this.reports.setVersion(status.page);
    this.publishState();
  }

  showStatus(status) {
    this.step = status.step;
    this.setState(status);
    this.status.show(status);
    this.reports.setVersion(status.page);
  }

  setState({ state, over, toggle }) {
    this.state = state;
    this.over = over;
    this.showState();
    this.talk.setRun({ toggle, over, hasRun: Boolean(this.run) });
  }

  showState() {
    this.status.showState(this.state, this.timeline.isLookingBack, this.viewer.isLost);
  }

  // step: null for live.
  lookBack(step) {
    this.viewer.lookBack(step);
    this.reports.reportStep(step);
    this.root.toggleAttribute("data-back", step !== null);
    if (step === null) this.showState();
  }

  publishState() {
    const { run, state, step } = this;
    this.published.publish({ run, state, step, bytes: this.viewer.receivedCharacters });
  }

  close() {
    this.closed = true;
    this.viewer.close();
    this.reports.close();
    this.input.close();
    this.talk.close();
    this.theme.close();
    this.grid.close();
    this.root.remove();
  }
}
