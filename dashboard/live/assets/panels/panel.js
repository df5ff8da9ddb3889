// A panel: a title, a sentence about what to look for, and a chart or rows of text. Figures and data come from
// Python.

import { createElement, setText } from "../dom.js";
import { decodeArrays, completeArrays } from "./arrays.js";
import { Choices } from "./choices.js";
import { enlargeFigure, enlargeTrace } from "./enlarge.js";
import { applyFrameLayout } from "./layout.js";
import { Legend } from "./legend.js";
import { Rows } from "./rows.js";

const AXES = ["xaxis", "yaxis"];
const LEGEND_MARGIN = 8; // pixels above a chart with a legend
const PLOTLY_OPTIONS = { displayModeBar: false, scrollZoom: false, doubleClick: "reset" };

export class Panel {
  constructor(spec, grid) {
    this.name = spec.name;
    this.inViewport = true;
    this.trouble = ""; // the reason if the panel cannot be drawn, else ""
    this.missedFrame = false; // whether a frame was skipped while the panel was hidden
    this.showsOldRun = false; // whether the chart still shows the data of another run
    this.scale = 1; // font scale; larger in talk mode
    this.encodedTraces = []; // for each trace, the encoded attributes; the next frame may continue them
    this.decodedTraces = []; // the same in the format of Plotly.js, for the figure of another theme
    this.frameLayout = {}; // the layout changes of all frames; a double click restores them
    this.zoomed = new Set(); // names of the axes whose range the user has set; frames do not change it
    this.title = createElement("h3", "", spec.title);
    this.hint = createElement("p", "rs-hint");
    this.note = createElement("p", "rs-note");
    this.choices = new Choices(spec.name, () => this.resetZoom());
    this.legend = new Legend(() => this.draw({ traces: [], layout: {} }));
    this.chart = createElement("div", "rs-chart");
    this.rows = new Rows();
    this.text = createElement("div", "rs-hidden"); // for screen readers
    this.section = createElement(
      "section",
      "rs-panel",
      createElement("div", "rs-head", this.title, this.choices.root),
      this.hint,
      this.note,
      this.legend.root,
      this.chart,
      this.rows.root,
      this.text,
    );
    this.section.regscopePanel = this;
    this.section.dataset.panel = spec.name;
    this.title.id = `rs-title-${spec.name}`;
    this.section.setAttribute("aria-labelledby", this.title.id);
    this.section.append(createElement("div", "rs-empty", "Press Start to train"));
    grid.append(this.section);
  }

  // Mount the figure of a theme; keep the data of the previous figure.
  // Returns whether the server must send the complete panel because data are missing.
  mount(spec, dark) {
    const hadMissedFrame = this.missedFrame;
    this.missedFrame = false;
    this.cursorAxis = spec.cursor;
    this.hint.textContent = spec.look;
    this.hint.title = spec.look;
    this.choices.setChoices(spec.choices);
    this.chart.hidden = this.legend.root.hidden = !spec.figures;
    this.rows.root.hidden = Boolean(spec.figures);
    const { showsOldRun } = this;
    this.showsOldRun = false;
    if (showsOldRun) this.note.textContent = this.note.title = this.text.textContent = "";
    if (!spec.figures) {
      if (showsOldRun) this.rows.clear();
      return hadMissedFrame;
    }
    const figureJson = spec.figures[dark ? "dark" : "light"];
    if (figureJson === this.figureJson && this.scale === this.mountedScale && !showsOldRun) return hadMissedFrame;
    const oldData = showsOldRun ? null : this.chart.data;
    this.figureJson = figureJson;
    this.mountedScale = this.scale;
    const figure = JSON.parse(figureJson);
    this.hasLegend = figure.layout.showlegend && spec.legend !== false;
    if (figure.layout.showlegend) figure.layout.margin.t = Math.min(figure.layout.margin.t, LEGEND_MARGIN);
    figure.layout.showlegend = false;
    if (this.scale !== 1) enlargeFigure(figure, this.scale);
    if (oldData && oldData.length === figure.data.length) this.restoreData(figure);
    else this.clearData();
    this.applyUserChoices(figure.data, figure.layout);
    figure.layout.datarevision = this.revision = (this.revision ?? 0) + 1;
    window.Plotly.react(this.chart, figure.data, figure.layout, PLOTLY_OPTIONS);
    this.listenToZoom();
    return hadMissedFrame || (Boolean(oldData) && !this.encodedTraces.length);
  }

  // Draw the body of a frame.
  draw({ traces, layout, text, note, rows }) {
    if (text !== undefined) this.text.textContent = text;
    if (note !== undefined) {
      this.note.textContent = note;
      this.note.title = note;
    }
    if (rows) this.rows.show(rows);
    const { data } = this.chart;
    if (!data || !this.figureJson) return;
    traces.forEach((trace, i) => {
      this.encodedTraces[i] = { ...this.encodedTraces[i], ...completeArrays(trace, this.encodedTraces[i]) };
      const decoded = decodeArrays(trace, this.encodedTraces[i]);
      if (this.scale !== 1) enlargeTrace(decoded, this.scale);
      Object.assign(data[i], decoded);
      this.decodedTraces[i] = { ...this.decodedTraces[i], ...decoded };
    });
    Object.assign(this.frameLayout, layout);
    applyFrameLayout(this.chart.layout, layout, this.zoomed, this.scale);
    this.applyUserChoices(data, this.chart.layout);
    this.chart.layout.datarevision = this.revision += 1;
    window.Plotly.react(this.chart, data, this.chart.layout);
  }

  // Set the reason why the panel cannot be drawn; "" removes it.
  setTrouble(trouble) {
    this.trouble = trouble;
    this.section.toggleAttribute("data-trouble", Boolean(trouble));
  }

  restoreData(figure) {
    figure.data.forEach((trace, i) => Object.assign(trace, this.decodedTraces[i]));
    applyFrameLayout(figure.layout, this.frameLayout, this.zoomed, this.scale);
    for (const axis of AXES) {
      const { autorange, range } = this.chart.layout[axis] ?? {};
      if (!autorange && range && this.zoomed.has(axis)) figure.layout[axis].range = range;
    }
  }

  clearData() {
    this.encodedTraces = [];
    this.decodedTraces = [];
    this.frameLayout = {};
    this.zoomed.clear();
  }

  // Apply the choices of the user to the figure.
  applyUserChoices(data, layout) {
    this.choices.apply(data, layout, this.zoomed);
    this.legend.show(data, this.hasLegend);
  }

  resetZoom() {
    this.zoomed.clear();
    this.draw({ traces: [], layout: this.frameLayout });
  }

  listenToZoom() {
    if (this.listensToZoom) return;
    this.listensToZoom = true;
    this.chart.on("plotly_relayout", (change) => {
      for (const axis of AXES) {
        if (`${axis}.range[0]` in change || `${axis}.range` in change) this.zoomed.add(axis);
        if (`${axis}.autorange` in change) this.zoomed.delete(axis);
      }
    });
    // the reset of Plotly.js causes a relayout event that counts as a zoom, so reset the zoom afterwards
    this.chart.on("plotly_doubleclick", () => setTimeout(() => this.resetZoom()));
  }
}
