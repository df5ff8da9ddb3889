// Larger type for a projector: everything that is written in a figure, and room for it.

const SMALLEST = 20; // pixels, at 1280 × 720

export function enlarge(figure, scale) {
  const { layout } = figure;
  layout.font.size = size(layout.font.size, scale);
  for (const [name, part] of Object.entries(layout)) {
    if (/^[xy]axis\d*$/.test(name)) {
      if (part.tickfont) part.tickfont.size = size(part.tickfont.size, scale);
      if (part.title?.font) part.title.font.size = size(part.title.font.size, scale);
      if (part.tickvals === undefined) part.nticks ??= 6; // larger figures need more room
    }
  }
  if (layout.legend?.font) layout.legend.font.size = size(layout.legend.font.size, scale);
  if (layout.hoverlabel?.font) layout.hoverlabel.font.size = size(layout.hoverlabel.font.size, scale);
  const { margin } = layout;
  for (const side of ["l", "r", "t", "b"]) margin[side] = Math.round(margin[side] * scale);
  if (layout.annotations) layout.annotations = enlarge.value("annotations", layout.annotations, scale);
  for (const trace of figure.data) enlargeTrace(trace, scale);
}

// A part of the layout that a frame brings.
enlarge.value = (name, value, scale) =>
  name !== "annotations" || !Array.isArray(value)
    ? value
    : value.map((each) =>
        each.font?.size ? { ...each, font: { ...each.font, size: size(each.font.size, scale) } } : each,
      );

// A trace, or what a frame says of one.
export function enlargeTrace(trace, scale) {
  if (typeof trace.line?.width === "number") trace.line = { ...trace.line, width: trace.line.width * scale };
  if (trace.textfont?.size) trace.textfont = { ...trace.textfont, size: size(trace.textfont.size, scale) };
  if (typeof trace.marker?.size === "number") trace.marker = { ...trace.marker, size: trace.marker.size * scale };
}

const size = (pixels, scale) => Math.max(SMALLEST, Math.round((pixels ?? 12) * scale));
