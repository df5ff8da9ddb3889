// Larger type for talk mode and for a panel at full size: every text in a figure, and the margins around it.

const FONT_SIZE = 12; // pixels, of the smallest text in a figure at scale 1
const LARGE_FONT_SIZE = 20; // units, in talk mode and at full size
const MAX_UNIT = 3; // pixels
const NARROW = "(max-width: 640px), (max-height: 480px)"; // a telephone, upright or sideways
const NARROW_UNIT = 0.7; // pixels: type of nearly the ordinary size
const MAX_TICKS = 6; // per axis at most: larger labels need more room

// Returns the scale of the type in talk mode and at full size, which grows with the screen. The unit is --rs-unit in
// board.css, which has the same numbers for the text around the figures.
export function largeScale() {
  const grown = Math.max(1, Math.min(innerWidth / 1280, innerHeight / 720, MAX_UNIT));
  return ((matchMedia(NARROW).matches ? NARROW_UNIT : grown) * LARGE_FONT_SIZE) / FONT_SIZE;
}

export function enlargeFigure(figure, scale) {
  const { layout } = figure;
  layout.font.size = enlargeSize(layout.font.size, scale);
  for (const [name, part] of Object.entries(layout)) {
    if (/^[xy]axis\d*$/.test(name)) {
      if (part.tickfont) part.tickfont.size = enlargeSize(part.tickfont.size, scale);
      if (part.title?.font) part.title.font.size = enlargeSize(part.title.font.size, scale);
      if (part.tickvals === undefined) part.nticks ??= MAX_TICKS;
    }
  }
  if (layout.legend?.font) layout.legend.font.size = enlargeSize(layout.legend.font.size, scale);
  if (layout.hoverlabel?.font) layout.hoverlabel.font.size = enlargeSize(layout.hoverlabel.font.size, scale);
  const { margin } = layout;
  for (const side of ["l", "r", "t", "b"]) margin[side] = Math.round(margin[side] * scale);
  if (layout.annotations) layout.annotations = enlargeLayoutPart("annotations", layout.annotations, scale);
  for (const trace of figure.data) enlargeTrace(trace, scale);
}

// Returns an enlarged value of the layout.
export function enlargeLayoutPart(name, value, scale) {
  if (name !== "annotations" || !Array.isArray(value)) return value;
  return value.map((annotation) => (annotation.font?.size ? { ...annotation, font: enlargeFont(annotation.font, scale) } : annotation));
}

// trace: a trace, or some of its attributes.
export function enlargeTrace(trace, scale) {
  if (typeof trace.line?.width === "number") trace.line = { ...trace.line, width: trace.line.width * scale };
  if (trace.textfont?.size) trace.textfont = enlargeFont(trace.textfont, scale);
  const size = trace.marker?.size;
  if (typeof size === "number") trace.marker = { ...trace.marker, size: size * scale };
  else if (Array.isArray(size)) trace.marker = { ...trace.marker, size: size.map((each) => each * scale) };
}

function enlargeFont(font, scale) {
  return { ...font, size: enlargeSize(font.size, scale) };
}

function enlargeSize(pixels, scale) {
  return Math.round(Math.max(FONT_SIZE, pixels ?? FONT_SIZE) * scale);
}
