// What the lines of a chart are: in the page's own type, where a narrow chart has no room for Plotly's.
// Pressing a name hides its line and shows it again.

const DASHES = { dash: "6,3", dot: "1.5,3", dashdot: "6,3,1.5,3", longdash: "10,4" };

export class Legend {
  // changed: called when a line was hidden or shown.
  constructor(changed) {
    this.changed = changed;
    this.hidden = new Set(); // names of lines that a person has hidden
    this.root = document.createElement("div");
    this.root.className = "rs-legend";
  }

  show(data, layout) {
    const entries = data.filter(
      (trace) => layout.showlegend !== false && trace.name && trace.showlegend !== false && trace.visible !== false,
    );
    const source = JSON.stringify(entries.map(({ name, line, marker, mode, fillcolor }) => [name, line, marker?.color, mode, fillcolor]));
    if (source !== this.source) {
      this.source = source;
      this.root.replaceChildren(...entries.map((trace) => this.entry(trace)));
    }
    for (const trace of entries) {
      if (this.hidden.has(trace.name)) trace.visible = "legendonly";
      else if (trace.visible === "legendonly") trace.visible = true;
    }
  }

  entry(trace) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(sample(trace), trace.name.replace(/<[^>]*>/g, ""));
    button.title = "Hide or show this line";
    const press = () => button.setAttribute("aria-pressed", String(!this.hidden.has(trace.name)));
    press();
    button.addEventListener("click", () => {
      if (!this.hidden.delete(trace.name)) this.hidden.add(trace.name);
      press();
      this.changed();
    });
    return button;
  }
}

export function sample({ line, marker, mode = "lines", fill, fillcolor }, width = 18) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${width} 10`);
  svg.setAttribute("aria-hidden", "true");
  const add = (name, attributes) => {
    const node = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    svg.append(node);
  };
  const colour = line?.color ?? marker?.color ?? "currentColor";
  if (fill && fill !== "none" && fillcolor) add("rect", { x: 0, y: 5, width: 18, height: 5, fill: fillcolor });
  if (mode.includes("lines")) {
    const dash = line?.dash ?? "solid";
    const stroke = (colour, thickness) =>
      add("line", {
        x1: 0, x2: width, y1: 5, y2: 5, stroke: colour, "stroke-width": thickness,
        "stroke-dasharray": dash === "solid" ? "none" : (DASHES[dash] ?? dash.replaceAll("px", "")),
      });
    if (line?.outline) stroke(line.outline, 4.5);
    stroke(colour, Math.min(2, line?.width ?? 2));
  }
  if (mode.includes("markers")) {
    const hollow = String(marker?.symbol ?? "").includes("open");
    const fill = typeof marker?.color === "string" ? marker.color : colour;
    add("circle", { cx: 9, cy: 5, r: 3.2, fill: hollow ? "none" : fill, stroke: fill });
  }
  return svg;
}
