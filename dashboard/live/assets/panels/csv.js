// The data of a chart as CSV, one row per point.

const FORMULA_START = /^[=+\-@\t\r]/; // a spreadsheet would compute such a cell

// Returns the visible data of a chart. Cells of a heatmap have a fourth value.
export function csvOf(chart) {
  const { xaxis, yaxis } = chart._fullLayout;
  const rows = [["line", axisName(xaxis) || "x", axisName(yaxis) || "y", "value"]];
  for (const [index, points] of (chart.calcdata ?? []).entries()) {
    const trace = chart._fullData[index];
    if (trace.visible !== true || !points?.length) continue;
    const name = trace.name ?? "";
    if (Array.isArray(points[0].z) || ArrayBuffer.isView(points[0].z?.[0])) {
      points[0].z.forEach((row, y) => row.forEach((value, x) => rows.push([name, gridValue(trace, "x", x), gridValue(trace, "y", y), value])));
    } else {
      for (const { x, y } of points) if (Number.isFinite(x) && Number.isFinite(y)) rows.push([name, x, y, ""]);
    }
  }
  return `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

// The position of a column or row of a heatmap.
function gridValue(trace, axis, index) {
  return (trace[`${axis}0`] ?? 0) + index * (trace[`d${axis}`] ?? 1);
}

function axisName(axis) {
  return (axis?.title?.text || axis?.tickprefix || "").trim();
}

function cell(value) {
  if (typeof value === "number") return String(value);
  const text = FORMULA_START.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
