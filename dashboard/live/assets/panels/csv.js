// The data of a chart as CSV, one row per point.

import { numbersOf } from "./smoothing.js";

// A spreadsheet would compute a cell with such a start, also in its full-width form.
const FORMULA_START = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

// Returns the visible data of a chart: what was measured, not smoothed. traces: of the panel; the chart may draw more.
// Cells of a heatmap have a fourth value.
export function csvOf(chart, traces) {
  const { xaxis, yaxis } = chart._fullLayout;
  const rows = [["line", axisName(xaxis) || "x", axisName(yaxis) || "y", "value"]];
  traces.forEach(({ y: measured }, index) => {
    const trace = chart._fullData[index];
    const points = chart.calcdata?.[index];
    if (trace?.visible !== true || !points?.length || trace.mode === "text") return;
    const name = plainText(trace.name ?? "");
    const [first] = points;
    if (first.z?.[0] !== undefined) {
      first.z.forEach((row, y) => row.forEach((value, x) => rows.push([name, label(xaxis, trace, "x", x), label(yaxis, trace, "y", y), value])));
      return;
    }
    const values = numbersOf(measured);
    points.forEach(({ x, y }, i) => {
      const value = values?.length === points.length ? values[i] : y;
      if (Number.isFinite(x) && Number.isFinite(value)) rows.push([name, x, value, ""]);
    });
  });
  return `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

// The name of a column or row of a heatmap, or its position.
function label(axis, trace, name, index) {
  const at = axis?.tickvals?.indexOf(index) ?? -1;
  if (at >= 0 && axis.ticktext) return plainText(String(axis.ticktext[at]));
  return (trace[`${name}0`] ?? 0) + index * (trace[`d${name}`] ?? 1);
}

function axisName(axis) {
  return (axis?.title?.text || axis?.tickprefix || String(axis?.ticktext?.[0] ?? "").replace(/ 0$/, "") || "").trim();
}

// Names in charts have the markup of Plotly.js.
function plainText(name) {
  return name.replace(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function cell(value) {
  if (typeof value === "number") return String(value);
  const text = FORMULA_START.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
