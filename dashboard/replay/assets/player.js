// The player of a replay: the panels of the board, a slider over the frames, and a timer.

import { createButton, createElement } from "../../live/assets/dom.js";
import { Cursors } from "../../live/assets/panels/cursors.js";
import { Panel } from "../../live/assets/panels/panel.js";
import { StatusLine } from "../../live/assets/status/status_line.js";

const INTERVAL = 200; // milliseconds between two frames at normal speed
const SPEEDS = [0.5, 1, 2, 4, 8];
const NORMAL = SPEEDS.indexOf(1);

export class Player {
  // frames: complete frames, in order.
  constructor(root, specs, frames) {
    this.specs = specs;
    this.frames = frames;
    this.at = -1; // index of the frame on the screen
    this.darkTheme = matchMedia("(prefers-color-scheme: dark)");
    this.toggle = createButton("Play", "Play and pause (space)", () => this.setPlaying(!this.timer));
    this.speed = createElement("select", "", ...SPEEDS.map((speed) => new Option(`${speed === 0.5 ? "½" : speed}×`, speed)));
    this.speed.selectedIndex = NORMAL;
    this.speed.setAttribute("aria-label", "Speed");
    this.slider = createElement("input", "");
    Object.assign(this.slider, { type: "range", min: 0, max: frames.length - 1, step: 1, value: 0 });
    this.slider.setAttribute("aria-label", "Where in the run");
    this.label = createElement("output", "");
    this.statusLine = new StatusLine();
    const grid = createElement("div", "rs-grid");
    const bar = createElement("div", "rs-timeline rp-bar", this.toggle, this.speed, this.slider, this.label);
    this.root = createElement("div", "rs-board", this.statusLine.root, bar, grid);
    this.root.setAttribute("data-regscope-replay", "");
    root.replaceChildren(this.root);
    this.panels = specs.map((spec) => {
      const panel = new Panel(spec, grid);
      panel.section.toggleAttribute("data-large", spec.large);
      return panel;
    });
    this.cursors = new Cursors(() => this.panels);
    this.mount();
    this.listen();
    this.show(frames.length - 1);
  }

  // Mount the figures. Called again when the theme changes.
  mount() {
    this.panels.forEach((panel, i) => {
      panel.mount(this.specs[i], this.darkTheme.matches);
      this.cursors.link(panel);
    });
  }

  listen() {
    this.speed.addEventListener("change", () => this.timer && this.setPlaying(true));
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
    this.darkTheme.addEventListener("change", () => this.mount());
    document.addEventListener("keydown", (event) => this.pressKey(event));
    // the size of a chart depends on the window, and on the lines of its note and legend
    const sizes = new ResizeObserver((entries) => {
      for (const { target } of entries) if (target.data) window.Plotly.Plots.resize(target);
    });
    for (const { chart } of this.panels) sizes.observe(chart);
  }

  pressKey(event) {
    if (event.target.closest?.("select, summary")) return;
    if (event.key === " ") {
      event.preventDefault();
      this.setPlaying(!this.timer);
      return;
    }
    if (event.target === this.slider) return; // the slider uses the arrows itself
    const target = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: this.frames.length - 1 }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.show(target);
  }

  setPlaying(playing) {
    clearInterval(this.timer);
    this.timer = null;
    if (playing) {
      if (this.atEnd) this.show(0);
      this.timer = setInterval(() => {
        this.show(this.at + 1);
        if (this.atEnd) this.setPlaying(false);
      }, INTERVAL / Number(this.speed.value));
    }
    this.toggle.textContent = playing ? "Pause" : "Play";
  }

  get atEnd() {
    return this.at === this.frames.length - 1;
  }

  show(index) {
    const at = Math.max(0, Math.min(index, this.frames.length - 1));
    if (at === this.at) return;
    this.at = at;
    const { status, epoch, panels } = this.frames[at];
    this.slider.value = at;
    this.label.textContent = describe(status, epoch);
    this.slider.setAttribute("aria-valuetext", this.label.textContent);
    const state = this.atEnd ? status.state : "replay";
    this.statusLine.showState(state);
    this.statusLine.metrics.show(status.metrics);
    this.root.dataset.state = state;
    this.root.dataset.step = status.step;
    for (const panel of this.panels) {
      const body = panels[panel.name];
      if (!body) continue;
      panel.setTrouble(body.trouble ?? "");
      if (body.trouble) panel.note.textContent = body.trouble;
      else panel.draw(body);
    }
  }
}

function describe({ step, keyframe }, epoch) {
  const weights = keyframe === null || keyframe === step ? "" : `, weights of ${keyframe}`;
  return `epoch ${epoch.toFixed(1)}, step ${step}${weights}`;
}
