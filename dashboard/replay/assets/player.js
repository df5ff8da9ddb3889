// The player of a replay: the panels of the board, a slider over the frames, and a timer.

import { createButton, createElement, setText } from "../../live/assets/dom.js";
import { Cursors } from "../../live/assets/panels/pointing/cursors.js";
import { FullSize } from "../../live/assets/panels/full_size.js";
import { Panel } from "../../live/assets/panels/panel.js";
import { StatusLine } from "../../live/assets/status/status_line.js";

const FRAME_INTERVAL = 200; // milliseconds between two frames at normal speed
const SPEEDS = [0.5, 1, 2, 4, 8];
const NORMAL_SPEED_INDEX = SPEEDS.indexOf(1);

export class Player {
  // frames: complete frames, in order. table: the titles and line styles of the table of several runs; null for one run.
  constructor(root, specs, frames, table = null) {
    this.specs = specs;
    this.table = table;
    this.frames = frames;
    this.frameIndex = -1; // index of the frame on the screen
    this.darkTheme = matchMedia("(prefers-color-scheme: dark)");
    this.playButton = createButton("Play", "Play and pause (space)", () => this.setPlaying(!this.timer));
    this.speedSelect = createElement("select", "", ...SPEEDS.map((speed) => new Option(`${speed === 0.5 ? "½" : speed}×`, speed)));
    this.speedSelect.selectedIndex = NORMAL_SPEED_INDEX;
    this.speedSelect.setAttribute("aria-label", "Speed");
    this.slider = createElement("input", "");
    Object.assign(this.slider, { type: "range", min: 0, max: frames.length - 1, step: 1, value: 0 });
    this.slider.setAttribute("aria-label", "Step of the run");
    this.positionLabel = createElement("output", "");
    this.statusLine = new StatusLine();
    this.sentence = createElement("p", "rp-sentence");
    const grid = createElement("div", "rs-grid");
    const bar = createElement("div", "rs-timeline rp-bar", this.playButton, this.speedSelect, this.slider, this.positionLabel);
    this.root = createElement("div", "rs-board", this.statusLine.root, this.sentence, bar, grid);
    this.root.setAttribute("data-regscope-replay", "");
    root.replaceChildren(this.root);
    const stepName = () => `step-${this.root.dataset.step}`;
    this.panels = specs.map((spec) => new Panel(spec, grid, { stepName, onEnlarge: (each) => this.fullSize.toggle(each) }));
    this.cursors = new Cursors(() => this.panels);
    this.fullSize = new FullSize(() => this.panels, () => this.mountCharts());
    this.mountCharts();
    this.addListeners();
    this.showFrame(frames.length - 1);
  }

  // Mount the charts. Called again when the theme changes.
  mountCharts() {
    this.statusLine.mountTable(this.root, this.table, this.darkTheme.matches);
    this.panels.forEach((panel, i) => {
      panel.mount(this.specs[i], this.darkTheme.matches);
      this.cursors.link(panel);
    });
  }

  addListeners() {
    this.speedSelect.addEventListener("change", () => this.timer && this.setPlaying(true));
    this.slider.addEventListener("input", () => this.showFrame(Number(this.slider.value)));
    this.darkTheme.addEventListener("change", () => this.mountCharts());
    document.addEventListener("keydown", (event) => this.handleKey(event));
    // the size of a chart depends on the window
    const resizeObserver = new ResizeObserver((entries) => {
      for (const { target } of entries) if (target.data) target.closest(".rs-panel").regscopePanel.resize();
    });
    for (const { chart } of this.panels) resizeObserver.observe(chart);
  }

  handleKey(event) {
    if (event.target.closest?.("select, summary") || (event.key === " " && event.target.closest?.('button, input:not([type="range"])'))) return;
    if (event.key === " ") {
      event.preventDefault();
      this.setPlaying(!this.timer);
      return;
    }
    if (event.target === this.slider) return; // the browser handles the arrow keys of a slider
    const index = {
      ArrowLeft: this.frameIndex - 1,
      ArrowRight: this.frameIndex + 1,
      Home: 0,
      End: this.frames.length - 1,
    }[event.key];
    if (index === undefined) return;
    event.preventDefault();
    this.showFrame(index);
  }

  setPlaying(playing) {
    clearInterval(this.timer);
    this.timer = null;
    if (playing) {
      if (this.isAtEnd) this.showFrame(0);
      this.timer = setInterval(() => {
        this.showFrame(this.frameIndex + 1);
        if (this.isAtEnd) this.setPlaying(false);
      }, FRAME_INTERVAL / Number(this.speedSelect.value));
    }
    this.playButton.textContent = playing ? "Pause" : "Play";
  }

  get isAtEnd() {
    return this.frameIndex === this.frames.length - 1;
  }

  showFrame(index) {
    const frameIndex = Math.max(0, Math.min(index, this.frames.length - 1));
    if (frameIndex === this.frameIndex) return;
    this.frameIndex = frameIndex;
    const { status, epoch, panels } = this.frames[frameIndex];
    this.slider.value = frameIndex;
    this.positionLabel.textContent = describePosition(status, epoch);
    this.slider.setAttribute("aria-valuetext", this.positionLabel.textContent);
    const state = this.isAtEnd ? status.state : "replay";
    this.statusLine.showState(state);
    this.statusLine.metrics.show(status.metrics);
    if (this.table) this.statusLine.table.show(status.table);
    setText(this.sentence, status.sentence);
    this.root.dataset.state = state;
    this.root.dataset.step = status.step;
    for (const panel of this.panels) {
      const body = panels[panel.name];
      if (!body) continue;
      panel.setTrouble(body.trouble ?? "");
      if (body.trouble) panel.showCaption(body.trouble);
      else panel.draw(body);
    }
  }
}

function describePosition({ step, keyframe }, epoch) {
  const weightsNote = keyframe === null || keyframe === step ? "" : `, weights of step ${keyframe}`;
  return `epoch ${epoch.toFixed(1)}, step ${step}${weightsNote}`;
}
