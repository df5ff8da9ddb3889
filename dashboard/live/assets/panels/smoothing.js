// Smoothed lines, with the measured line faint behind each.

const WEIGHT = 0.6; // of the previous value, as TensorBoard's default
const FAINT = 0.28; // opacity of a measured line

// Returns the traces to draw: the traces of a figure with smoothed lines, followed by the measured lines. The name of
// a line belongs to the smoothed one, the label under the pointer to the measured one.
export function withSmoothedLines(traces) {
  const measured = [];
  const smoothed = traces.map((trace) => {
    const values = canBeSmoothed(trace) ? numbersOf(trace.y) : null;
    if (!values || values.length < 2) return trace;
    measured.push({ ...trace, opacity: FAINT, showlegend: false, fill: "none", zorder: (trace.zorder ?? 0) - 1 });
    return { ...trace, y: movingAverage(values), hoverinfo: "skip", hovertemplate: null };
  });
  return [...smoothed, ...measured];
}

// Returns the exponential moving average of the values, without the bias towards the first one. A missing value stays
// missing.
export function movingAverage(values) {
  let sum = 0;
  let weights = 0;
  return Array.from(values, (value) => {
    if (!Number.isFinite(value)) return value;
    sum = WEIGHT * sum + (1 - WEIGHT) * value;
    weights = WEIGHT * weights + (1 - WEIGHT);
    return sum / weights;
  });
}

function canBeSmoothed({ mode, meta, visible, name }) {
  return mode === "lines" && meta !== "corner" && visible !== false && Boolean(name);
}

// Returns the numbers of an array in the format of Plotly.js; null for other formats.
export function numbersOf(array) {
  if (Array.isArray(array) || ArrayBuffer.isView(array)) return array;
  if (array?.dtype !== "f4") return null;
  const bytes = Uint8Array.from(atob(array.bdata), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}
