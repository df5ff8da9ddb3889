// A panel: a title, what to look for, a chart or lines of words, and what a person chose to see in it.
// What it shows comes from Python; here it is only put in its place.

import { arrays, joined } from "./arrays.js";
import { Legend } from "./legend.js";
import { enlarge, enlargeTrace } from "./type.js";

export const el = (tag, className, ...children) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
};

export class Panel {
  constructor(spec, grid) {
    this.name = spec.name;
    this.seen = true;
    this.trouble = "";
    this.lost = false; // whether a frame came that could not be drawn, for a panel that was away
    this.scale = 1; // of the type, on a projector
    this.parts = []; // what the last frames said of each trace, as it came: the next one may continue it
    this.drawn = []; // the same as Plotly takes it: another theme's figure takes it over
    this.wanted = {}; // what the last frames said of the layout: where a double click goes back to
    this.zoomed = new Set(); // axes a person has zoomed into: they stay as they are
    this.title = el("h3", "", spec.title);
    this.note = el("p", "rs-note");
    this.choices = el("div", "rs-choices");
    this.look = el("p", "rs-look");
    this.legend = new Legend(() => this.draw({ traces: [], layout: {} }));
    this.chart = el("div", "rs-chart");
    this.rows = el("dl", "rs-rows");
    this.text = el("div", "rs-hidden");
    const head = el("div", "rs-head", this.title, this.choices);
    this.section = el("section", "rs-panel", head, this.look, this.note, this.legend.root, this.chart, this.rows, this.text);
    this.section.regscopePanel = this;
    this.section.dataset.panel = spec.name;
    this.title.id = `rs-title-${spec.name}`;
    this.section.setAttribute("aria-labelledby", this.title.id);
    this.section.append(el("div", "rs-empty", "Press Start to train"));
    grid.append(this.section);
  }

  // Show a figure: the first time it is mounted, afterwards its style changes and its data stay.
  // Returns whether data are lost that the server believes to be here.
  show(spec, dark) {
    const lost = this.lost;
    this.lost = false;
    this.cursor = spec.cursor; // which other charts have the same axis
    this.look.textContent = spec.look;
    this.look.title = spec.look;
    this.offer(spec.choices);
    this.chart.hidden = this.legend.root.hidden = !spec.figures;
    this.rows.hidden = Boolean(spec.figures);
    if (!spec.figures) {
      if (this.fresh) this.rows.replaceChildren();
      this.fresh = false;
      return lost;
    }
    const source = spec.figures[dark ? "dark" : "light"];
    if (source === this.source && this.scale === this.shownAt && !this.fresh) return lost;
    if (this.fresh) {
      this.parts = [];
      this.drawn = [];
    }
    const old = this.fresh ? null : this.chart.data;
    this.source = source;
    this.shownAt = this.scale;
    const figure = JSON.parse(source);
    this.named = figure.layout.showlegend && spec.legend !== false;
    if (figure.layout.showlegend) figure.layout.margin.t = Math.min(figure.layout.margin.t, 8); // the legend stands above
    figure.layout.showlegend = false;
    if (this.scale !== 1) enlarge(figure, this.scale);
    if (old && old.length === figure.data.length) {
      figure.data.forEach((trace, i) => Object.assign(trace, this.drawn[i]));
      this.lay(figure.layout, this.wanted);
      for (const axis of ["xaxis", "yaxis"]) {
        const { autorange, range } = this.chart.layout[axis] ?? {};
        if (!autorange && range && this.zoomed.has(axis)) figure.layout[axis].range = range;
      }
    } else {
      this.parts = [];
      this.drawn = [];
      this.wanted = {};
      this.zoomed.clear();
    }
    this.take(figure.data, figure.layout);
    this.fresh = false;
    figure.layout.datarevision = this.revision = (this.revision ?? 0) + 1;
    window.Plotly.react(this.chart, figure.data, figure.layout, {
      displayModeBar: false,
      scrollZoom: false,
      doubleClick: "reset",
    });
    if (!this.listening) {
      this.listening = true;
      this.chart.on("plotly_relayout", (change) => this.relayout(change));
      // the reset itself comes as a relayout: forget the zoom once that has passed
      this.chart.on("plotly_doubleclick", () =>
        setTimeout(() => {
          this.zoomed.clear();
          this.draw({ traces: [], layout: this.wanted });
        }),
      );
    }
    return lost || (Boolean(old) && !this.parts.length);
  }

  relayout(change) {
    for (const axis of ["xaxis", "yaxis"]) {
      if (`${axis}.range[0]` in change || `${axis}.range` in change) this.zoomed.add(axis);
      if (`${axis}.autorange` in change) this.zoomed.delete(axis);
    }
  }

  draw({ traces, layout, text, note, rows }) {
    if (text !== undefined) this.text.textContent = text;
    if (note !== undefined) {
      this.note.textContent = note;
      this.note.title = note;
    }
    if (rows) this.say(rows);
    const { data } = this.chart;
    if (!data || !this.source) return;
    traces.forEach((trace, i) => {
      this.parts[i] = { ...this.parts[i], ...joined(trace, this.parts[i]) };
      const news = arrays(trace, this.parts[i]);
      if (this.scale !== 1) enlargeTrace(news, this.scale);
      Object.assign(data[i], news);
      this.drawn[i] = { ...this.drawn[i], ...news };
    });
    Object.assign(this.wanted, layout);
    this.lay(this.chart.layout, layout);
    this.take(data, this.chart.layout);
    this.chart.layout.datarevision = this.revision += 1;
    window.Plotly.react(this.chart, data, this.chart.layout);
  }

  // Attributes of the layout by their dotted name; an axis that a person has zoomed into stays.
  lay(layout, wanted) {
    for (const [path, value] of Object.entries(wanted)) {
      const names = path.split(".");
      if (this.zoomed.has(names[0]) && names[1] === "range") continue;
      if (names[1] === "range") put(layout, [names[0], "autorange"], false);
      put(layout, names, this.scale === 1 ? value : enlarge.value(names[0], value, this.scale));
    }
  }

  // What a person has chosen wins over what the figure and the frames say.
  take(data, layout) {
    for (const option of this.taken ?? []) {
      for (const [i, attributes] of Object.entries(option.traces)) {
        if (data[i]) Object.assign(data[i], attributes);
      }
      for (const [path, value] of Object.entries(option.layout)) {
        const names = path.split(".");
        if (this.zoomed.has(names[0]) && names[1] === "range") continue;
        put(layout, names, value);
        if (value === null && names[1] === "range") put(layout, [names[0], "autorange"], true);
      }
    }
    this.legend.show(data, { showlegend: this.named });
  }

  // The lists in the panel's head. What was chosen is kept in the browser.
  offer(choices) {
    const source = JSON.stringify(choices);
    if (source === this.offered) return;
    this.offered = source;
    const kept = (choice) => `regscope.${this.name}.${choice.name}`;
    const choose = () => {
      this.taken = choices.map((choice, i) => choice.options[this.choices.children[i].selectedIndex]);
    };
    this.choices.replaceChildren(
      ...choices.map((choice) => {
        const list = el("select", "", ...choice.options.map((option) => new Option(option.label)));
        list.title = choice.label;
        list.setAttribute("aria-label", choice.label);
        list.selectedIndex = Math.max(0, choice.options.findIndex(({ label }) => label === recall(kept(choice))));
        list.addEventListener("change", () => {
          remember(kept(choice), choice.options[list.selectedIndex].label);
          choose();
          this.zoomed.clear();
          this.draw({ traces: [], layout: this.wanted });
        });
        return list;
      }),
    );
    choose();
  }

  say(rows) {
    if (this.rows.children.length !== rows.length) {
      this.rows.replaceChildren(...rows.map(() => el("div", "rs-row", el("dt", ""), el("dd", ""), copier())));
    }
    rows.forEach((row, i) => {
      const [dt, dd, button] = this.rows.children[i].children;
      if (dt.textContent !== row.label) dt.textContent = row.label;
      if (dd.textContent !== row.value) dd.textContent = row.value;
      button.hidden = !row.copy;
      button.regscopeCopy = row.copy;
      button.title = row.copy;
      button.setAttribute("aria-label", `Copy ${row.copy}`);
    });
  }
}

function copier() {
  const button = el("button", "rs-button", "Copy");
  button.type = "button";
  button.addEventListener("click", async () => {
    const done = await copy(button.regscopeCopy);
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // no clipboard where the page is not served securely: the old way, a selection
    const area = el("textarea", "rs-hidden", text);
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function put(target, names, value) {
  const last = names.at(-1);
  for (const name of names.slice(0, -1)) target = target[name] ??= {};
  if (value === null) delete target[last];
  else target[last] = value;
}

export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // a browser that keeps nothing for this page
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // it holds until the page is left
  }
}
