// The names of the lines of a chart: at the ends of the lines, in a corner of the chart, or in the row of the caption.
// A click on a name hides or shows its line.

import { createElement, createSvgElement } from "../dom.js";
import { LineLabels, plainText } from "./line_labels.js";

const DASHES = { dash: "6,3", dot: "1.5,3", dashdot: "6,3,1.5,3", longdash: "10,4" };

export class Legend {
  // onChange: called after a line was hidden or shown.
  constructor(onChange) {
    this.onChange = onChange;
    this.hiddenNames = new Set(); // names of the lines that the user has hidden
    this.root = createElement("div", "rs-legend");
    this.labels = new LineLabels((name) => this.toggle(name));
  }

  // Show the entries of the traces, and hide the traces that the user has hidden. place: "ends", "corner", "row" or
  // "none". With "ends", only lines without a name at their end have an entry.
  show(data, place) {
    const named = data
      .map((trace, index) => ({ trace, index }))
      .filter(({ trace }) => place !== "none" && trace.name && trace.showlegend !== false && trace.visible !== false);
    const labelled = named.filter(
      ({ trace }) => place === "ends" && trace.mode === "lines" && trace.meta !== "corner" && !this.hiddenNames.has(trace.name),
    );
    this.labels.setTraces(labelled);
    const listed = named.filter((entry) => !labelled.includes(entry)).map(({ trace }) => trace);
    const entriesJson = JSON.stringify(listed.map(({ name, line, marker, mode, fillcolor }) => [name, line, marker?.color, mode, fillcolor]));
    if (entriesJson !== this.entriesJson) {
      this.entriesJson = entriesJson;
      this.root.replaceChildren(...listed.map((trace) => this.createEntry(trace)));
    }
    for (const { trace } of named) {
      if (this.hiddenNames.has(trace.name)) trace.visible = "legendonly";
      else if (trace.visible === "legendonly") trace.visible = true;
    }
  }

  toggle(name) {
    if (!this.hiddenNames.delete(name)) this.hiddenNames.add(name);
    this.onChange();
  }

  createEntry(trace) {
    const node = createElement("button", "", lineSample(trace), plainText(trace.name));
    node.type = "button";
    node.title = "Hide or show this line";
    const showPressed = () => node.setAttribute("aria-pressed", String(!this.hiddenNames.has(trace.name)));
    showPressed();
    node.addEventListener("click", () => {
      this.toggle(trace.name);
      showPressed();
    });
    return node;
  }
}

// A small drawing of a trace's line, area and marker.
export function lineSample({ line, marker, mode = "lines", fill, fillcolor }, width = 18) {
  const svg = createSvgElement("svg", { viewBox: `0 0 ${width} 10`, "aria-hidden": "true" });
  const add = (tag, attributes) => svg.append(createSvgElement(tag, attributes));
  const colour = line?.color ?? marker?.color ?? "currentColor";
  if (fill && fill !== "none" && fillcolor) add("rect", { x: 0, y: 5, width: 18, height: 5, fill: fillcolor });
  if (mode.includes("lines")) {
    const dash = line?.dash ?? "solid";
    const stroke = (strokeColour, thickness) =>
      add("line", {
        x1: 0, x2: width, y1: 5, y2: 5, stroke: strokeColour, "stroke-width": thickness,
        "stroke-dasharray": dash === "solid" ? "none" : (DASHES[dash] ?? dash.replaceAll("px", "")),
      });
    if (line?.outline) stroke(line.outline, 4.5);
    stroke(colour, Math.min(2, line?.width ?? 2));
  }
  if (mode.includes("markers")) {
    const hollow = String(marker?.symbol ?? "").includes("open");
    const markerColour = typeof marker?.color === "string" ? marker.color : colour;
    add("circle", { cx: 9, cy: 5, r: 3.2, fill: hollow ? "none" : markerColour, stroke: markerColour });
  }
  return svg;
}
