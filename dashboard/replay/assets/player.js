import { Panel, el } from "./panel.js";
import { joined } from "./arrays.js";
import { Cursors } from "./cursors.js";

const EVERY = 200; // milliseconds between two frames, at the speed 1
const SPEEDS = [0.5, 1, 2, 4, 8];

async function unzipped(id) {
  const node = document.getElementById(id);
  const bytes = Uint8Array.from(atob(node.textContent), (letter) => letter.charCodeAt(0));
  node.remove();
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// Every frame whole: what it says continues the one before.
function whole(frames) {
  const now = {};
  return frames.map(({ status, epoch, panels }) => {
    for (const [name, { body, continues }] of Object.entries(panels)) {
      if (!continues) {
        now[name] = body;
        continue;
      }
      const before = now[name];
      const traces = before.traces.map((trace, i) => ({ ...trace, ...joined(body.traces[i], trace) }));
      now[name] = { ...before, ...body, traces, layout: { ...before.layout, ...body.layout } };
    }
    return { status, epoch, panels: { ...now } };
  });
}

class Player {
  constructor(root, { specs, frames }) {
    this.frames = whole(frames);
    this.at = -1;
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.button = el("button", "rs-button", "Play");
    this.button.type = "button";
    this.button.title = "Play and pause (space)";
    this.speed = el("select", "", ...SPEEDS.map((speed) => new Option(`${speed === 0.5 ? "½" : speed}×`, speed)));
    this.speed.selectedIndex = 1;
    this.speed.setAttribute("aria-label", "Speed");
    this.slider = el("input", "");
    Object.assign(this.slider, { type: "range", min: 0, max: frames.length - 1, step: 1, value: 0 });
    this.slider.setAttribute("aria-label", "Where in the run");
    this.words = el("output", "");
    this.list = el("dl", "");
    this.word = el("span", "");
    this.grid = el("div", "rs-grid");
    const bar = el("div", "rs-timeline rp-bar", this.button, this.speed, this.slider, this.words);
    const line = el("div", "rs-line", this.list, el("div", "rs-state", el("span", "rs-dot"), this.word));
    this.root = el("div", "rs-board", line, bar, this.grid);
    this.root.setAttribute("data-regscope-replay", "");
    root.replaceChildren(this.root);
    this.colours();
    this.specs = specs;
    this.panels = specs.map((spec) => {
      const panel = new Panel(spec, this.grid);
      panel.section.toggleAttribute("data-large", spec.large);
      return panel;
    });
    this.cursors = new Cursors(() => this.panels);
    this.dress();
    this.button.addEventListener("click", () => this.play(!this.timer));
    this.speed.addEventListener("change", () => this.timer && this.play(true));
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
    this.dark.addEventListener("change", () => {
      this.colours();
      this.dress();
    });
    document.addEventListener("keydown", (event) => this.key(event));
    // a note or a legend that takes another line leaves the chart less room, and so does the window
    const sizes = new ResizeObserver((entries) => {
      for (const { target } of entries) if (target.data) window.Plotly.Plots.resize(target);
    });
    for (const { chart } of this.panels) sizes.observe(chart);
    this.show(frames.length - 1);
  }

  colours() {
    const set = (name, light, dark) => this.root.style.setProperty(name, this.dark.matches ? dark : light);
    set("--rs-rule", "#DDE2E9", "#2A3140");
    set("--rs-muted", "#5D6878", "#A3AEBF");
    set("--rs-raised", "#FFFFFF", "#131924");
    set("--rs-training", "#0072B2", "#5CB3E8");
    set("--rs-validation", "#C25500", "#FF9A57");
  }

  dress() {
    this.panels.forEach((panel, i) => {
      panel.show(this.specs[i], this.dark.matches);
      this.cursors.join(panel);
    });
  }

  key(event) {
    if (event.target.closest?.("select, summary")) return;
    if (event.key === " ") {
      event.preventDefault();
      if (event.target !== this.button) this.play(!this.timer);
      else this.button.click();
      return;
    }
    if (event.target === this.slider) return; // it has the arrows itself
    const to = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: this.frames.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.show(to);
  }

  play(on) {
    clearInterval(this.timer);
    this.timer = null;
    if (on) {
      if (this.at === this.frames.length - 1) this.show(0);
      this.timer = setInterval(() => {
        this.show(this.at + 1);
        if (this.at === this.frames.length - 1) this.play(false);
      }, EVERY / Number(this.speed.value));
    }
    this.button.textContent = on ? "Pause" : "Play";
  }

  show(wanted) {
    const at = Math.max(0, Math.min(wanted, this.frames.length - 1));
    if (at === this.at) return;
    this.at = at;
    const { status, epoch, panels } = this.frames[at];
    this.slider.value = at;
    const last = at === this.frames.length - 1;
    const seen = status.keyframe === null || status.keyframe === status.step ? "" : `, weights of ${status.keyframe}`;
    this.words.textContent = `epoch ${epoch.toFixed(1)}, step ${status.step}${seen}`;
    this.slider.setAttribute("aria-valuetext", this.words.textContent);
    this.word.textContent = last ? status.state : "replay";
    this.root.dataset.state = last ? status.state : "replay";
    this.root.dataset.step = status.step;
    this.list.replaceChildren(
      ...status.figures.map(([label, value, tone]) => {
        const figure = el("div", "rs-figure", el("dt", "", label), el("dd", "", value));
        figure.dataset.tone = tone;
        return figure;
      }),
    );
    for (const panel of this.panels) {
      const body = panels[panel.name];
      if (!body) continue;
      panel.section.toggleAttribute("data-trouble", Boolean(body.trouble));
      if (body.trouble) panel.note.textContent = body.trouble;
      else panel.draw(body);
    }
  }
}

async function begin() {
  const wait = document.getElementById("wait");
  if (typeof DecompressionStream === "undefined") {
    wait.textContent = "This browser cannot unpack the run: open the file in a newer one.";
    return;
  }
  try {
    const code = document.createElement("script");
    code.textContent = await unzipped("plotly");
    document.head.append(code);
    window.regscopeReplay = new Player(document.getElementById("player"), JSON.parse(await unzipped("data")));
  } catch (error) {
    wait.textContent = `The run cannot be shown (${error.message}): the file is damaged, export it again.`;
    throw error;
  }
}

begin();
