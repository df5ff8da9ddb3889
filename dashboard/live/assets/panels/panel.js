// A panel: a title row, a line about what to look for, and a chart or rows of text. Figures and data come from Python.

import { createElement, setText } from "../dom.js";
import { decodeArrays, completeArrays } from "./arrays.js";
import { Choices } from "./choices.js";
import { enlargeFigure, enlargeTrace } from "./enlarge.js";
import { applyFrameLayout, arrangeSideBySide } from "./layout.js";
import { Flash } from "./pointing/flash.js";
import { Legend } from "./legend.js";
import { PanelMenu } from "./panel_menu.js";
import { Rows } from "./rows.js";
import { withSmoothedLines } from "./smoothing.js";

const AXES = ["xaxis", "yaxis"];
const PLOTLY_OPTIONS = { displayModeBar: false, scrollZoom: false, doubleClick: "reset" };

export class Panel {
  // stepName: returns a name for the step on the board, for files. onEnlarge: called with the panel when it should fill
  // the board, or no longer.
  constructor(spec, grid, { stepName = () => "", onEnlarge = () => {} } = {}) {
    this.name = spec.name;
    this.isFull = false; // whether the panel fills the board
    this.traces = []; // of the figure, with the data of the frames; the chart may draw smoothed lines instead
    this.ownCaption = ""; // the sentence about what to look for if a frame has none
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
    this.legend = new Legend(() => this.redraw());
    this.chart = createElement("div", "rs-chart");
    this.flash = new Flash(this.chart);
    this.plot = createElement("div", "rs-plot", this.chart, this.legend.labels.root);
    this.menu = new PanelMenu(this, { stepName, onLines: () => this.redraw(), onEnlarge: () => onEnlarge(this) });
    this.title.addEventListener("dblclick", () => onEnlarge(this));
    this.title.title = "Double click: full size";
    this.rows = new Rows();
    this.text = createElement("div", "rs-hidden"); // for screen readers
    this.section = createElement(
      "section",
      "rs-panel",
      createElement("div", "rs-head", this.title, createElement("div", "rs-note-slot", this.note), this.choices.root, this.menu.button),
      createElement("div", "rs-caption", this.hint, this.legend.root),
      this.plot,
      this.rows.root,
      this.menu.root,
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
    this.ownCaption = spec.look;
    this.legendPlace = spec.figures ? spec.legend : "none";
    this.section.dataset.legend = this.legendPlace;
    for (const size of ["large", "wide"]) this.section.toggleAttribute(`data-${size}`, Boolean(spec[size]));
    this.choices.setChoices(spec.choices);
    this.menu.mount(spec);
    if (this.showsOldRun) this.menu.switches.setMissing({});
    this.showCaption(this.showsOldRun ? "" : this.caption);
    this.plot.hidden = !spec.figures;
    this.rows.root.hidden = Boolean(spec.figures);
    const { showsOldRun } = this;
    this.showsOldRun = false;
    if (showsOldRun) this.note.textContent = this.text.textContent = "";
    if (!spec.figures) {
      if (showsOldRun) this.rows.clear();
      return hadMissedFrame;
    }
    const figureJson = spec.figures[dark ? "dark" : "light"];
    if (figureJson === this.figureJson && this.scale === this.mountedScale && !showsOldRun) return hadMissedFrame;
    const hadData = !showsOldRun && Boolean(this.figureJson);
    this.figureJson = figureJson;
    this.mountedScale = this.scale;
    const figure = JSON.parse(figureJson);
    figure.layout.showlegend = false;
    if (this.scale !== 1) enlargeFigure(figure, this.scale);
    if (hadData && this.traces.length === figure.data.length) this.restoreData(figure);
    else this.clearData();
    this.traces = figure.data;
    this.hasRoundTicks = Boolean(figure.layout.xaxis?.tickvals && this.legendPlace === "ends"); // they end with the lines
    this.legend.labels.forgetWidths();
    this.react(figure.layout, PLOTLY_OPTIONS);
    this.listenToChart();
    return hadMissedFrame || (hadData && !this.encodedTraces.length);
  }

  // Draw the body of a frame.
  draw({ traces, layout, text, note, caption, missing, rows }) {
    if (text !== undefined) this.text.textContent = text;
    if (note !== undefined) setText(this.note, note);
    if (missing) this.menu.switches.setMissing(missing);
    this.showCaption(caption ?? this.caption);
    if (rows) this.rows.show(rows);
    if (!this.figureJson) return;
    traces.forEach((trace, i) => {
      this.encodedTraces[i] = { ...this.encodedTraces[i], ...completeArrays(trace, this.encodedTraces[i]) };
      const decoded = decodeArrays(trace, this.encodedTraces[i]);
      if (this.scale !== 1) enlargeTrace(decoded, this.scale);
      Object.assign(this.traces[i], decoded);
      this.decodedTraces[i] = { ...this.decodedTraces[i], ...decoded };
    });
    Object.assign(this.frameLayout, layout);
    applyFrameLayout(this.chart.layout, layout, this.zoomed, this.scale);
    this.react(this.chart.layout);
    this.flash.show(this.traces, traces);
  }

  resize() {
    if (this.chart.layout.meta) this.redraw(); // what fits depends on the size
    return window.Plotly.Plots.resize(this.chart);
  }

  // Draw the chart again, after a choice of the user.
  redraw() {
    this.draw({ traces: [], layout: {} });
  }

  react(layout, options) {
    this.choices.apply(this.traces, layout, this.zoomed);
    this.menu.switches.apply(this.traces);
    this.legend.show(this.traces, this.legendPlace);
    if (this.hasRoundTicks) layout.xaxis.tickmode = this.zoomed.has("xaxis") ? "auto" : "array";
    arrangeSideBySide(layout, this.chart.clientWidth, this.chart.clientHeight);
    layout.datarevision = this.revision = (this.revision ?? 0) + 1;
    window.Plotly.react(this.chart, this.menu.isSmooth ? withSmoothedLines(this.traces) : this.traces, layout, options);
  }

  // caption: a sentence about what the chart shows now; "" for the sentence about what to look for. The reason why a line
  // that the user has switched on is empty replaces both.
  showCaption(caption) {
    this.caption = caption;
    const shown = this.menu.switches.reasons || caption;
    setText(this.hint, shown || this.ownCaption);
    this.hint.title = this.hint.textContent;
    this.section.toggleAttribute("data-caption", Boolean(shown));
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

  resetZoom() {
    this.zoomed.clear();
    this.draw({ traces: [], layout: this.frameLayout });
  }

  listenToChart() {
    if (this.listensToChart) return;
    this.listensToChart = true;
    this.chart.on("plotly_afterplot", () => this.legend.labels.place(this.chart, this.scale));
    this.legend.labels.place(this.chart, this.scale);
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
