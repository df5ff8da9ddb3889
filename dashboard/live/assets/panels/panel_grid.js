// The panels of the layout, in a grid. An error in one panel does not affect the others.

import { createElement } from "../dom.js";
import { Cursors } from "./pointing/cursors.js";
import { largeScale } from "./enlarge.js";
import { FullSize } from "./full_size.js";
import { Panel } from "./panel.js";
import { WeightClicks } from "./pointing/weight_clicks.js";

export class PanelGrid {
  // viewportChanged: called when panels were scrolled into the viewport or out of it.
  // requestAll: called when the server must send complete panels.
  // stepName: returns a name for the step on the board, for the files of saved pictures.
  // chooseWeight: called with the weight that the user has clicked.
  constructor({ viewportChanged, requestAll, stepName, chooseWeight = () => {} }) {
    Object.assign(this, { requestAll, stepName });
    this.root = createElement("div", "rs-grid");
    this.panelsByName = new Map(); // all panels that have been on the board
    this.specs = []; // of the panels of the layout
    this.cursors = new Cursors(() => this.panels());
    this.weightClicks = new WeightClicks(() => this.panels(), chooseWeight);
    this.fullSize = new FullSize(() => this.panels(), () => this.restyle(this.dark));
    this.viewportObserver = new IntersectionObserver((entries) => {
      for (const entry of entries) entry.target.regscopePanel.inViewport = entry.isIntersecting;
      viewportChanged();
    });
    this.sizeObserver = new ResizeObserver((entries) => {
      // a hidden chart has no size; it is resized when it is shown again
      for (const { target } of entries) {
        if (target.data && target.offsetParent) Promise.resolve(target.closest(".rs-panel").regscopePanel.resize()).catch(() => {});
      }
    });
  }

  // Show the panels of a layout. talk: whether talk mode is on, which sets their scale itself.
  mount(specs, dark, talk) {
    Object.assign(this, { specs, dark });
    const names = new Set(specs.map((spec) => spec.name));
    for (const panel of this.panelsByName.values()) panel.section.hidden = !names.has(panel.name);
    let incomplete = false;
    specs.forEach((spec, i) => {
      const panel = this.panelsByName.get(spec.name) ?? this.addPanel(spec);
      panel.section.style.order = i;
      if (!talk) panel.scale = panel.isFull ? largeScale() : 1;
      incomplete = panel.mount(spec, dark) || incomplete;
      this.cursors.link(panel);
      this.weightClicks.link(panel);
    });
    this.weightClicks.mark();
    if (incomplete) this.requestAll();
  }

  addPanel(spec) {
    const panel = new Panel(spec, this.root, { stepName: this.stepName, onEnlarge: (each) => this.fullSize.toggle(each) });
    this.panelsByName.set(spec.name, panel);
    this.viewportObserver.observe(panel.section);
    this.sizeObserver.observe(panel.chart);
    return panel;
  }

  // Mount the figures again, for another theme or scale.
  restyle(dark) {
    this.dark = dark;
    for (const spec of this.specs) this.panelsByName.get(spec.name)?.mount(spec, dark);
  }

  // Called when the board shows another run: its first frame replaces all data.
  startRun() {
    for (const panel of this.panelsByName.values()) {
      panel.showsOldRun = true;
      panel.trouble = "";
    }
  }

  // The panels of the layout, in order.
  panels() {
    return this.specs.map((spec) => this.panelsByName.get(spec.name)).filter(Boolean);
  }

  namesInViewport() {
    return this.panels()
      .filter((panel) => panel.inViewport && !panel.section.hidden)
      .map((panel) => panel.name);
  }

  panelErrors() {
    return this.panels().map((panel) => panel.trouble);
  }

  // Draw the panels of a frame. Unknown names are ignored.
  draw(bodies) {
    for (const [name, body] of Object.entries(bodies)) {
      const panel = this.panelsByName.get(name);
      if (panel) this.drawPanel(panel, body);
    }
    this.weightClicks.mark();
  }

  drawPanel(panel, body) {
    if (panel.section.hidden) {
      panel.missedFrame = true;
      return;
    }
    const before = panel.trouble;
    panel.setTrouble(body.trouble ?? "");
    if (panel.trouble) return;
    try {
      panel.draw(body);
    } catch (error) {
      panel.trouble = `The panel “${panel.title.textContent}” cannot be drawn (${error.message}).`;
      if (before) return;
      console.error(error);
      this.requestAll(); // only once per failure; the server must not continue data that the panel does not have
    }
  }

  close() {
    this.fullSize.close();
    this.weightClicks.close();
    this.viewportObserver.disconnect();
    this.sizeObserver.disconnect();
    for (const panel of this.panelsByName.values()) window.Plotly?.purge(panel.chart);
  }
}
