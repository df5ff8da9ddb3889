// A panel: a title, a sentence about what to look for, and a chart or rows of text. Figures and data come from
// Python.

import { el, setText } from "../dom.js";
import { decodeArrays, joinArrays } from "./arrays.js";
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
    this.trouble = ""; // why the panel is not drawn
    this.missedFrame = false; // whether a frame was skipped while the panel was hidden
    this.newRun = false; // whether the chart still shows the data of another run
    this.scale = 1; // of the type; larger in talk mode
    this.joined = []; // for each trace, the encoded attributes of all frames so far; the next frame may continue them
    this.decoded = []; // the same as Plotly.js reads them, for the figure of another theme
    this.frameLayout = {}; // the layout of all frames so far; a double click restores it
    this.zoomed = new Set(); // names of the axes whose range the user has set, and which therefore stays
    this.title = el("h3", "", spec.title);
    this.look = el("p", "rs-look");
    this.note = el("p", "rs-note");
    this.choices = new Choices(spec.name, () => this.resetZoom());
    this.legend = new Legend(() => this.draw({ traces: [], layout: {} }));
    this.chart = el("div", "rs-chart");
    this.rows = new Rows();
    this.text = el("div", "rs-hidden"); // for screen readers
    this.section = el(
      "section",
      "rs-panel",
      el("div", "rs-head", this.title, this.choices.root),
      this.look,
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
    this.section.append(el("div", "rs-empty", "Press Start to train"));
    grid.append(this.section);
  }

  // Mount the figure of a theme. The data of an earlier figure stay.
  // Returns whether the server must send the complete panel, because data that it has sent are missing.
  mount(spec, dark) {
    const missed = this.missedFrame;
    this.missedFrame = false;
    this.cursorAxis = spec.cursor;
    this.look.textContent = spec.look;
    this.look.title = spec.look;
    this.choices.offer(spec.choices);
    this.chart.hidden = this.legend.root.hidden = !spec.figures;
    this.rows.root.hidden = Boolean(spec.figures);
    const { newRun } = this;
    this.newRun = false;
    if (!spec.figures) {
      if (newRun) this.rows.clear();
      return missed;
    }
    const source = spec.figures[dark ? "dark" : "light"];
    if (source === this.source && this.scale === this.mountedScale && !newRun) return missed;
    const oldData = newRun ? null : this.chart.data;
    this.source = source;
    this.mountedScale = this.scale;
    const figure = JSON.parse(source);
    this.hasLegend = figure.layout.showlegend && spec.legend !== false;
    if (figure.layout.showlegend) figure.layout.margin.t = Math.min(figure.layout.margin.t, LEGEND_MARGIN);
    figure.layout.showlegend = false;
    if (this.scale !== 1) enlargeFigure(figure, this.scale);
    if (oldData && oldData.length === figure.data.length) this.keepData(figure);
    else this.forgetData();
    this.applyChosen(figure.data, figure.layout);
    figure.layout.datarevision = this.revision = (this.revision ?? 0) + 1;
    window.Plotly.react(this.chart, figure.data, figure.layout, PLOTLY_OPTIONS);
    this.listenToZoom();
    return missed || (Boolean(oldData) && !this.joined.length);
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
    if (!data || !this.source) return;
    traces.forEach((trace, i) => {
      this.joined[i] = { ...this.joined[i], ...joinArrays(trace, this.joined[i]) };
      const decoded = decodeArrays(trace, this.joined[i]);
      if (this.scale !== 1) enlargeTrace(decoded, this.scale);
      Object.assign(data[i], decoded);
      this.decoded[i] = { ...this.decoded[i], ...decoded };
    });
    Object.assign(this.frameLayout, layout);
    applyFrameLayout(this.chart.layout, layout, this.zoomed, this.scale);
    this.applyChosen(data, this.chart.layout);
    this.chart.layout.datarevision = this.revision += 1;
    window.Plotly.react(this.chart, data, this.chart.layout);
  }

  // Show why the panel cannot be drawn; "" removes it.
  setTrouble(trouble) {
    this.trouble = trouble;
    this.section.toggleAttribute("data-trouble", Boolean(trouble));
  }

  keepData(figure) {
    figure.data.forEach((trace, i) => Object.assign(trace, this.decoded[i]));
    applyFrameLayout(figure.layout, this.frameLayout, this.zoomed, this.scale);
    for (const axis of AXES) {
      const { autorange, range } = this.chart.layout[axis] ?? {};
      if (!autorange && range && this.zoomed.has(axis)) figure.layout[axis].range = range;
    }
  }

  forgetData() {
    this.joined = [];
    this.decoded = [];
    this.frameLayout = {};
    this.zoomed.clear();
  }

  // Apply the choices of the user to the figure.
  applyChosen(data, layout) {
    this.choices.apply(data, layout, this.zoomed);
    this.legend.show(data, this.hasLegend);
  }

  resetZoom() {
    this.zoomed.clear();
    this.draw({ traces: [], layout: this.frameLayout });
  }

  listenToZoom() {
    if (this.listening) return;
    this.listening = true;
    this.chart.on("plotly_relayout", (change) => {
      for (const axis of AXES) {
        if (`${axis}.range[0]` in change || `${axis}.range` in change) this.zoomed.add(axis);
        if (`${axis}.autorange` in change) this.zoomed.delete(axis);
      }
    });
    // the reset of Plotly.js causes a relayout event, which counts as a zoom: reset after it
    this.chart.on("plotly_doubleclick", () => setTimeout(() => this.resetZoom()));
  }
}
