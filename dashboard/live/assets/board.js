// The board in the browser: panels, traces and frames. It knows nothing about regularization:
// figures and numbers come from Python, and a frame says what to replace in them.

import { Connection } from "./connection.js";
import { Cursors } from "./cursors.js";
import { listen } from "./keys.js";
import { Panel, el, recall, remember } from "./panel.js";
import { offerPictures } from "./pictures.js";
import { Table } from "./table.js";
import { Talk } from "./talk.js";
import { Timeline } from "./timeline.js";

const SPOKEN = 5000; // milliseconds between two sentences for those who listen
const SETTLED = 400; // milliseconds in which a frame of what a page was made from has come
const AGES = 500; // frames whose age is kept, for whoever measures
const boards = new WeakMap();
const open = new Set(); // the boards of this page
let plotly = null; // one promise for the page: Plotly.js is large and is loaded once

function loadPlotly(url) {
  plotly ??= window.Plotly
    ? Promise.resolve(window.Plotly)
    : new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = url;
        script.onload = () => resolve(window.Plotly);
        script.onerror = () => {
          plotly = null; // the next render tries again
          reject(new Error("plotly.js could not be loaded"));
        };
        document.head.append(script);
      });
  return plotly;
}

export function render(slot) {
  let board = boards.get(slot);
  if (!board) {
    board = new Board(slot);
    boards.set(slot, board);
    open.add(board);
    slot.regscopeClose = () => {
      board.close();
      boards.delete(slot);
      open.delete(board);
    };
  }
  board.update(slot.regscope);
}

// A frame for a page whose live socket cannot be had: its board is here, or it is gone.
export function feed(run, frame) {
  for (const board of open) board.feed(run, frame);
}

class Board {
  constructor(slot) {
    this.root = el("div", "rs-board");
    this.root.setAttribute("data-regscope-board", "");
    this.list = el("dl", "");
    this.table = new Table();
    this.word = el("span", "");
    const state = el("div", "rs-state", el("span", "rs-dot"), this.word);
    this.spoken = el("div", "rs-hidden");
    this.spoken.setAttribute("role", "status");
    this.spoken.setAttribute("aria-live", "polite");
    this.notice = el("div", "rs-notice");
    this.notice.setAttribute("role", "alert");
    this.grid = el("div", "rs-grid");
    this.timeline = new Timeline(
      (step) => this.lookAt(step),
      (step) => this.component.setTriggerValue("fork", step),
    );
    this.talk = new Talk(this);
    this.cursors = new Cursors(() => this.shown());
    this.connection = new Connection({
      frame: (frame) => this.receive(frame),
      trouble: (words) => {
        this.trouble = words;
        this.say();
      },
      failed: (yes) => {
        if (yes !== this.component.data.polling) this.component.setStateValue("fallback", yes);
      },
      panels: () => this.inSight(),
      opened: () => this.timeline.at !== null && this.lookAt(this.timeline.at),
    });
    const line = el("div", "rs-line", this.list, this.table.root, state);
    this.root.append(line, this.timeline.root, this.notice, this.grid, this.talk.root, this.spoken);
    slot.append(this.root);
    this.panels = new Map();
    this.ages = this.root.regscopeAges = [];
    this.frames = 0;
    this.step = 0;
    this.state = "";
    this.stamp();
    this.spokenAt = 0;
    this.sight = new IntersectionObserver((entries) => {
      for (const entry of entries) entry.target.regscopePanel.seen = entry.isIntersecting;
      this.ready(false);
    });
    this.sizes = new ResizeObserver((entries) => {
      // a chart that is being hidden or taken away cannot be measured: it is when it comes back
      for (const { target } of entries) {
        if (target.data && target.offsetParent) Promise.resolve(window.Plotly.Plots.resize(target)).catch(() => {});
      }
    });
    this.themes = setInterval(() => this.theme(), 500);
    this.deaf = listen(this);
  }

  // Streamlit calls this after every script run; nothing is made anew that is there already.
  update(component) {
    this.component = component;
    const { data } = component;
    this.mounted = loadPlotly(data.plotly).then(
      () => this.mount(data),
      (error) => {
        this.trouble = `${error.message}: load the page again.`;
        this.say();
      },
    );
    this.mounted.then(() => {
      if (this.closed || !window.Plotly || this.component !== component) return;
      this.connection.to(data.socket);
      // the last frame of all may have come before the page that was made a moment earlier
      clearTimeout(this.settled);
      this.settled = setTimeout(() => this.remake(), SETTLED);
      if (data.polling) this.tell(); // it may have gone back before the page began to ask
    });
  }

  feed(run, frame) {
    if (run !== this.component?.data.run) return;
    this.mounted.then(() => this.component.data.polling && this.draw(JSON.parse(frame)));
  }

  mount(data) {
    if (this.closed) return;
    if (this.run !== data.run) {
      this.run = data.run;
      this.step = 0;
      this.frames = 0;
      this.reported = null;
      this.page = undefined;
      this.timeline.now(); // nobody looks back at a step of another run
      this.timeline.reach(0);
      this.table.show([]);
      for (const panel of this.panels.values()) {
        panel.fresh = true;
        panel.trouble = "";
      }
      this.status({ ...EMPTY, state: data.state, figures: data.figures });
    }
    if (!data.run) this.status({ ...EMPTY, state: data.state, figures: data.figures });
    this.colours();
    this.many(data.table);
    this.timeline.fork.hidden = Boolean(data.table); // a fork is of one run
    let lost = false;
    const names = new Set(data.panels.map((spec) => spec.name));
    for (const panel of this.panels.values()) panel.section.hidden = !names.has(panel.name);
    data.panels.forEach((spec, i) => {
      let panel = this.panels.get(spec.name);
      if (!panel) {
        panel = new Panel(spec, this.grid);
        this.panels.set(spec.name, panel);
        if (spec.figures) offerPictures(panel, () => `step-${this.timeline.at ?? this.step}`);
        this.sight.observe(panel.section);
        this.sizes.observe(panel.chart);
      }
      panel.section.style.order = i;
      panel.section.toggleAttribute("data-large", spec.large);
      panel.scale = this.talk.on ? panel.scale : 1;
      lost = panel.show(spec, this.dark) || lost;
      this.cursors.join(panel);
    });
    if (lost) this.connection.say({ again: true });
    this.keep(data);
    if (this.talk.on) this.talk.arrange();
    this.stamp();
  }

  // Several runs have a table in the place of the line of figures.
  many(table) {
    this.table.root.hidden = !table;
    this.list.hidden = Boolean(table);
    this.root.toggleAttribute("data-many", Boolean(table));
    if (!table) return;
    this.root.style.setProperty("--rs-rows", table.swatches.length);
    this.table.make(table, this.dark);
  }

  // The panels of the layout, in their order.
  shown() {
    return (this.component?.data.panels ?? []).map((spec) => this.panels.get(spec.name)).filter(Boolean);
  }

  restyle() {
    for (const spec of this.component?.data.panels ?? []) this.panels.get(spec.name)?.show(spec, this.dark);
  }

  // The layout is kept in the browser, and asked for again by a page that was opened without one.
  keep({ layout }) {
    if (!layout) return;
    const { name, panels, asked } = layout;
    const chosen = JSON.stringify({ name, panels });
    const kept = recall("regscope.layout");
    if (!this.kept && !asked && kept && kept !== chosen) {
      this.component.setTriggerValue("layout", JSON.parse(kept));
    } else {
      remember("regscope.layout", chosen);
    }
    this.kept = true;
  }

  // The colours of the page decide which set of figures is shown.
  colours() {
    const colour = getComputedStyle(this.root).getPropertyValue("--st-background-color").trim();
    const [r, g, b] = /^#/.test(colour) ? hex(colour) : [255, 255, 255];
    this.dark = 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
    const set = (name, light, dark) => this.root.style.setProperty(name, this.dark ? dark : light);
    set("--rs-rule", "#DDE2E9", "#2A3140");
    set("--rs-muted", "#5D6878", "#A3AEBF");
    set("--rs-raised", "#FFFFFF", "#131924");
    set("--rs-training", "#0072B2", "#5CB3E8");
    set("--rs-validation", "#C25500", "#FF9A57");
  }

  theme() {
    const before = this.dark;
    this.colours();
    if (before === this.dark) return;
    if (this.component) this.many(this.component.data.table);
    this.restyle();
  }

  inSight() {
    return this.shown()
      .filter((panel) => panel.seen && !panel.section.hidden)
      .map((panel) => panel.name);
  }

  // One frame is out at a time: the next comes when the server hears that this one is drawn.
  ready(drawn) {
    this.connection.say({ panels: this.inSight(), drawn });
  }

  receive(frame) {
    try {
      this.draw(frame);
    } finally {
      this.ready(true); // also when a chart could not be drawn: the next frame may do better
    }
  }

  draw(frame) {
    if (this.closed || frame.run !== this.run) return;
    const back = this.timeline.at !== null;
    if (Boolean(frame.past) !== back) {
      // on its way when a person went back or returned: only how far the run has come is of use
      if (frame.status && back) this.meanwhile(frame.status);
      else if (frame.status) this.timeline.reach(frame.status.last);
      return;
    }
    for (const [name, body] of Object.entries(frame.panels)) {
      const panel = this.panels.get(name);
      if (panel) this.renew(panel, body);
    }
    if (frame.status) {
      this.timeline.reach(frame.status.last);
      if (frame.past) this.timeline.shown(frame.status.step, frame.status.keyframe);
      this.status(frame.status);
      if (!frame.past && this.state === "running") this.age(frame.status.at);
    }
    this.say();
    this.frames += 1;
    this.stamp();
  }

  // What becomes of the run while a person looks back: how far it is, and whether it still trains.
  meanwhile({ last, state, page }) {
    this.timeline.reach(last);
    this.state = state;
    this.word.textContent = `looking back, ${state}`;
    this.talk.state(state);
    this.page = page;
    this.remake();
    this.stamp();
  }

  // One panel. Where it cannot be drawn the others go on, and the first time the server is asked for the
  // whole of it: what is new now continues what was lost.
  renew(panel, body) {
    if (panel.section.hidden) {
      panel.lost = true; // its figure is another run's
      return;
    }
    const before = panel.trouble;
    panel.trouble = body.trouble ?? "";
    panel.section.toggleAttribute("data-trouble", Boolean(panel.trouble));
    if (panel.trouble) return;
    try {
      panel.draw(body);
    } catch (error) {
      panel.trouble = `The panel “${panel.title.textContent}” cannot be drawn (${error.message}).`;
      if (!before) {
        console.error(error);
        this.connection.say({ again: true });
      }
    }
  }

  status({ state, page, step, reason, refused, notice, figures, table, spoken }) {
    this.state = state;
    this.step = step;
    this.word.textContent = this.timeline.at === null ? state : `looking back, ${state}`;
    this.reason = reason ? `This run has ended (${state}): ${reason}. ${state === "interrupted" ? "Press Resume to go on." : "Press Start for another."}` : "";
    this.refused = refused ? `A change was refused: ${refused}.` : "";
    this.notices = notice ?? "";
    this.speak(spoken, state);
    this.talk.state(state);
    this.say();
    if (table) this.table.show(table);
    if (this.list.children.length !== figures.length) {
      this.list.replaceChildren(
        ...figures.map(() => el("div", "rs-figure", el("dt", ""), el("dd", ""))),
      );
    }
    figures.forEach(([label, value, tone], i) => {
      const [dt, dd] = this.list.children[i].children;
      if (dt.textContent !== label) dt.textContent = label;
      if (dd.textContent !== value) dd.textContent = value;
      this.list.children[i].dataset.tone = tone;
    });
    this.page = page;
    this.remake();
  }

  // Transport and sidebar were made for another state, or before a change: let the page make them again.
  remake() {
    const made = this.component?.data.page;
    const { page } = this; // as the newest frame has it
    if (page === made) this.reported = null;
    else if (this.component && this.run && page !== undefined && this.reported !== page) {
      this.reported = page;
      this.component.setTriggerValue("page", page);
    }
  }

  // A sentence for those who listen, seldom enough to be heard; at once when the state has changed.
  speak(sentence, state) {
    if (state === this.spokenState && Date.now() - this.spokenAt < SPOKEN) return;
    if (!sentence && state === this.spokenState) return;
    const text = state === this.spokenState ? sentence : `${state}. ${sentence}`;
    if (this.spoken.textContent !== text) this.spoken.textContent = text;
    this.spokenAt = Date.now();
    this.spokenState = state;
  }

  // Why the run has ended, and trouble with the connection or a panel; nothing where there is none.
  say() {
    const panels = this.shown().map((panel) => panel.trouble);
    const text = [this.reason, this.refused, this.notices, this.trouble, ...panels].filter(Boolean).join(" ");
    if (this.notice.textContent === text) return;
    this.notice.textContent = text;
    this.notice.toggleAttribute("data-shown", Boolean(text));
  }

  // What a key or a button of the talk means. The run's own orders go over the socket where there is
  // one: a script run would take longer than a mini-batch.
  obey(meaning) {
    switch (meaning) {
      case "back":
        return this.timeline.by(-1);
      case "live":
        return this.timeline.now();
      case "talk":
        return this.talk.turn(!this.talk.on);
      case "leave":
        return this.talk.turn(false);
      case "next":
        return this.talk.by(1);
      case "previous":
        return this.talk.by(-1);
      case "one":
        return this.talk.show(1);
      case "two":
        return this.talk.show(2);
    }
    if (meaning === "step" && this.timeline.at !== null && this.timeline.at < this.timeline.last) {
      return this.timeline.by(1); // forward in what has been, before what comes
    }
    this.timeline.now();
    const over = !this.run || ENDED.includes(this.state);
    if (over || !this.connection.say({ order: meaning })) this.component?.setTriggerValue("order", meaning);
  }

  lookAt(step) {
    this.connection.say({ at: step });
    if (this.component?.data.polling) this.tell();
    this.root.toggleAttribute("data-back", step !== null);
    if (step === null) this.word.textContent = this.state;
  }

  // To a page that asks for frames: which step is looked back at, once.
  tell() {
    if (this.told === this.timeline.at) return;
    this.told = this.timeline.at;
    this.component.setStateValue("at", this.told);
  }

  // How old what a frame shows is once it is drawn, in milliseconds.
  age(taken) {
    this.ages.push(Date.now() - 1000 * taken);
    if (this.ages.length > AGES) this.ages.shift();
  }

  stamp() {
    const data = this.root.dataset;
    data.runId = this.run ?? "";
    data.state = this.state;
    data.step = this.step;
    data.frames = this.frames;
    data.bytes = this.connection.bytes ?? 0;
  }

  close() {
    this.closed = true;
    this.connection.hangUp();
    this.deaf();
    this.talk.turn(false);
    clearInterval(this.themes);
    clearTimeout(this.settled);
    this.sight.disconnect();
    this.sizes.disconnect();
    for (const panel of this.panels.values()) window.Plotly?.purge(panel.chart);
    this.root.remove();
  }
}

const EMPTY = { step: 0, reason: null, refused: null, spoken: "" };
const ENDED = ["finished", "stopped", "diverged", "failed", "interrupted"]; // Start begins another run then

function hex(colour) {
  const digits = colour.length === 4 ? [...colour.slice(1)].map((d) => d + d).join("") : colour.slice(1, 7);
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
}
