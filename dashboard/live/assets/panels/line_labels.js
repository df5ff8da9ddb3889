// The names of lines at their ends: a legend above a chart takes height from it. A click on a name hides its line.

import { createElement } from "../dom.js";

const LINE_HEIGHT = 15; // pixels
const GAP = 5; // pixels between the end of a line and its name

export class LineLabels {
  // onClick: called with the name of a line.
  constructor(onClick) {
    this.onClick = onClick;
    this.traces = [];
    this.buttons = new Map(); // by name
    this.root = createElement("div", "rs-line-labels");
  }

  // traces: those with a name at their end, with their index in the figure.
  setTraces(traces) {
    this.traces = traces;
    const names = new Set(traces.map(({ trace }) => trace.name));
    for (const [name, button] of this.buttons) {
      if (names.has(name)) continue;
      button.remove();
      this.buttons.delete(name);
    }
  }

  // Move each name to the end of its line. Called after Plotly.js has drawn the chart.
  place(chart, scale) {
    const { xaxis, yaxis } = chart._fullLayout ?? {};
    if (!xaxis?._length || !yaxis?._length) return;
    const labels = [];
    for (const { trace, index } of this.traces) {
      const end = lineEnd(chart.calcdata?.[index], xaxis, yaxis);
      const button = this.buttonOf(trace);
      button.hidden = !end;
      if (!end) continue;
      button.regscopeWidth ||= button.offsetWidth; // a hidden button has none
      labels.push({ button, ...end });
    }
    spread(labels, LINE_HEIGHT * scale, yaxis._length);
    const right = xaxis._offset + xaxis._length + chart._fullLayout.margin.r;
    for (const { button, x, y } of labels) {
      // beside the end of the line; if there is no room, over the line
      const left = Math.min(xaxis._offset + x + GAP, right - button.regscopeWidth - 2);
      button.style.transform = `translate(${left.toFixed(1)}px, ${(yaxis._offset + y).toFixed(1)}px) translateY(-50%)`;
    }
  }

  buttonOf({ name, line }) {
    let button = this.buttons.get(name);
    if (!button) {
      button = createElement("button", "", plainText(name));
      Object.assign(button, { type: "button", title: "Hide this line" });
      button.addEventListener("click", () => this.onClick(name));
      this.buttons.set(name, button);
      this.root.append(button);
    }
    const colour = line?.color ?? "currentColor";
    if (button.regscopeColour !== colour) {
      button.regscopeColour = colour;
      button.style.setProperty("--rs-line", colour);
    }
    return button;
  }

  // The size of the text has changed.
  forgetWidths() {
    for (const button of this.buttons.values()) button.regscopeWidth = 0;
  }
}

export function plainText(name) {
  return name.replace(/<[^>]*>/g, "");
}

// Returns the last point of a line inside the axes, in pixels; null if there is none.
function lineEnd(points, xaxis, yaxis) {
  if (!points?.length || points[0].trace?.visible !== true) return null;
  for (let i = points.length - 1; i >= 0; i -= 1) {
    const x = xaxis.c2p(points[i].x);
    const y = yaxis.c2p(points[i].y);
    if (Number.isFinite(x) && Number.isFinite(y) && x >= 0 && x <= xaxis._length + 1) {
      return y >= -1 && y <= yaxis._length + 1 ? { x, y } : null;
    }
  }
  return null;
}

// Move labels apart, so that none covers another and all are inside the chart.
function spread(labels, height, length) {
  labels.sort((first, second) => first.y - second.y);
  let free = height / 2;
  for (const label of labels) {
    label.y = Math.max(label.y, free);
    free = label.y + height;
  }
  let limit = length - height / 2;
  for (const label of labels.reverse()) {
    label.y = Math.min(label.y, limit);
    limit = label.y - height;
  }
}
