// The board in the browser: panels, traces and frames. It knows nothing about regularization:
// figures and numbers come from Python, and a frame says what to replace in them.

const BROKEN = 4500; // close code, as routes.py has it
const boards = new WeakMap();
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
    slot.regscopeClose = () => {
      board.close();
      boards.delete(slot);
    };
  }
  board.update(slot.regscope);
}

const el = (tag, className, ...children) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
};

class Board {
  constructor(slot) {
    this.slot = slot;
    this.root = el("div", "rs-board");
    this.root.setAttribute("data-regscope-board", "");
    this.list = el("dl", "");
    this.word = el("span", "");
    const state = el("div", "rs-state", el("span", "rs-dot"), this.word);
    state.setAttribute("role", "status");
    this.notice = el("div", "rs-notice");
    this.notice.setAttribute("role", "alert");
    this.grid = el("div", "rs-grid");
    this.root.append(el("div", "rs-line", this.list, state), this.notice, this.grid);
    slot.append(this.root);
    this.panels = new Map();
    this.frames = 0;
    this.step = 0;
    this.attempts = 0;
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
      this.connect(data);
      if (data.frame) this.draw(JSON.parse(data.frame));
    });
  }

  mount(data) {
    if (this.closed) return;
    if (this.run !== data.run) {
      this.run = data.run;
      this.step = 0;
      this.frames = 0;
      this.reported = null;
      for (const panel of this.panels.values()) {
        panel.fresh = true;
        panel.trouble = "";
      }
      this.status({ state: data.state, step: 0, reason: null, figures: data.figures });
    }
    if (!data.run) this.status({ state: data.state, step: 0, reason: null, figures: data.figures });
    this.colours();
    const names = new Set(data.panels.map((spec) => spec.name));
    for (const panel of this.panels.values()) panel.section.hidden = !names.has(panel.name);
    data.panels.forEach((spec, i) => {
      let panel = this.panels.get(spec.name);
      if (!panel) {
        panel = new Panel(spec, this.grid);
        this.panels.set(spec.name, panel);
        this.sight.observe(panel.chart);
        this.sizes.observe(panel.chart);
      }
      panel.section.style.order = i;
      panel.section.toggleAttribute("data-tall", spec.tall);
      panel.show(spec, this.dark);
    });
    this.stamp();
  }

  // The colours of the page decide which set of figures is shown.
  colours() {
    const [r, g, b] = (getComputedStyle(this.root).getPropertyValue("--st-background-color") || "#ffffff")
      .trim()
      .match(/^#/)
      ? hex(getComputedStyle(this.root).getPropertyValue("--st-background-color").trim())
      : [255, 255, 255];
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
    if (before !== this.dark && this.component) {
      for (const spec of this.component.data.panels) this.panels.get(spec.name)?.show(spec, this.dark);
    }
  }

  connect(data) {
    if (this.address === data.socket) return;
    this.address = data.socket;
    this.attempts = 0;
    this.trouble = "";
    this.hangUp();
    if (data.socket) this.dial();
  }

  dial() {
    const url = new URL(this.address, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onmessage = (message) => {
      this.attempts = 0;
      this.trouble = "";
      this.say();
      if (this.component.data.frame) this.component.setStateValue("fallback", false); // the socket is back
      const frame = JSON.parse(message.data);
      requestAnimationFrame(async () => {
        if (socket !== this.socket) return;
        try {
          await this.draw(frame);
        } finally {
          this.ready(true); // also when a chart could not be drawn: the next frame may do better
        }
      });
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.attempts += 1;
      if (code === BROKEN) {
        this.trouble = "The server cannot show this run, and its log says why: trying again …";
      } else if (this.attempts >= 3) {
        this.trouble = "The live connection cannot be had here: the page asks twice a second instead.";
        this.component.setStateValue("fallback", true);
      } else {
        this.trouble = "The connection to the server is lost: trying again …";
      }
      this.say();
      this.retry = setTimeout(() => this.address && this.dial(), Math.min(500 * this.attempts, 5000));
    };
  }

  hangUp() {
    clearTimeout(this.retry);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  // One frame is out at a time: the next comes when the server hears that this one is drawn.
  ready(drawn) {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const panels = [...this.panels.values()].filter((panel) => panel.seen).map((panel) => panel.name);
    this.socket.send(JSON.stringify({ panels, drawn }));
  }

  async draw(frame) {
    if (this.closed || frame.run !== this.run) return;
    for (const [name, body] of Object.entries(frame.panels)) {
      const panel = this.panels.get(name);
      if (!panel) continue;
      panel.trouble = body.trouble ?? "";
      if (!panel.trouble) panel.draw(body);
    }
    if (frame.status) this.status(frame.status);
    this.say();
    this.frames += 1;
    this.stamp();
  }

  status({ state, step, reason, figures }) {
    this.state = state;
    this.step = step;
    this.word.textContent = state;
    this.reason = reason ? `This run has ended (${state}): ${reason}. Press Start for another.` : "";
    this.say();
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
    // The transport was made for another state: let the page make it again.
    if (this.component && this.run && state !== this.component.data.state && this.reported !== state) {
      this.reported = state;
      this.component.setTriggerValue("state", state);
    }
    if (this.component && state === this.component.data.state) this.reported = null;
  }

  // Why the run has ended, and trouble with the connection or a panel; nothing where there is none.
  say() {
    const panels = [...this.panels.values()].map((panel) => panel.trouble);
    const text = [this.reason, this.trouble, ...panels].filter(Boolean).join(" ");
    if (this.notice.textContent === text) return;
    this.notice.textContent = text;
    this.notice.toggleAttribute("data-shown", Boolean(text));
  }

  stamp() {
    const data = this.root.dataset;
    data.runId = this.run ?? "";
    data.state = this.state;
    data.step = this.step;
    data.frames = this.frames;
  }

  close() {
    this.closed = true;
    this.hangUp();
    clearInterval(this.themes);
    this.sight.disconnect();
    this.sizes.disconnect();
    for (const panel of this.panels.values()) window.Plotly?.purge(panel.chart);
    this.root.remove();
  }
}

class Panel {
  constructor(spec, grid) {
    this.name = spec.name;
    this.seen = true;
    this.trouble = "";
    this.drawn = []; // what the last frames said of each trace: another theme's figure takes it over
    this.wanted = {}; // what the last frames said of the layout: where a double click goes back to
    this.zoomed = new Set(); // axes a person has zoomed into: they stay as they are
    this.title = el("h3", "", spec.title);
    this.look = el("p", "");
    this.chart = el("div", "rs-chart");
    this.chart.regscopePanel = this;
    this.text = el("div", "rs-hidden");
    this.section = el("section", "rs-panel", this.title, this.look, this.chart, this.text);
    this.section.dataset.panel = spec.name;
    this.title.id = `rs-title-${spec.name}`;
    this.section.setAttribute("aria-labelledby", this.title.id);
    this.section.append(el("div", "rs-empty", "Press Start to train"));
    grid.append(this.section);
  }

  // Show a figure: the first time it is mounted, afterwards its style changes and its data stay.
  show(spec, dark) {
    this.look.textContent = spec.look;
    this.look.title = spec.look;
    const source = spec.figures[dark ? "dark" : "light"];
    if (source === this.source && !this.fresh) return;
    if (this.fresh) this.drawn = [];
    const old = this.fresh ? null : this.chart.data;
    this.source = source;
    const figure = JSON.parse(source);
    if (old && old.length === figure.data.length) {
      figure.data.forEach((trace, i) => Object.assign(trace, this.drawn[i]));
      for (const axis of ["xaxis", "yaxis"]) {
        const { autorange, range } = this.chart.layout[axis];
        if (!autorange) figure.layout[axis].range = range; // copied, an automatic one would be fixed
      }
    } else {
      this.wanted = {};
      this.zoomed.clear();
    }
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
          this.draw({ traces: [], layout: this.wanted, text: this.text.textContent });
        }),
      );
    }
  }

  relayout(change) {
    for (const axis of ["xaxis", "yaxis"]) {
      if (`${axis}.range[0]` in change || `${axis}.range` in change) this.zoomed.add(axis);
      if (`${axis}.autorange` in change) this.zoomed.delete(axis);
    }
  }

  draw({ traces, layout, text }) {
    const { data } = this.chart;
    if (!data) return;
    traces.forEach((trace, i) => {
      Object.assign(data[i], trace);
      this.drawn[i] = { ...this.drawn[i], ...trace };
    });
    Object.assign(this.wanted, layout);
    for (const [path, value] of Object.entries(layout)) {
      const [axis, name] = path.split(".");
      if (!this.zoomed.has(axis)) this.chart.layout[axis][name] = value;
    }
    this.chart.layout.datarevision = this.revision += 1;
    window.Plotly.react(this.chart, data, this.chart.layout);
    this.text.textContent = text;
  }
}

function hex(colour) {
  const digits = colour.length === 4 ? [...colour.slice(1)].map((d) => d + d).join("") : colour.slice(1, 7);
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
}
