// Arrays on their way from a frame to Plotly. Numbers come as Plotly.js reads them, raw bytes in
// base64. Two things it does not know: an array that continues the one before, and one of bits.

// The attributes of a trace that are arrays, whole: what stays of those before, and what is new.
export function joined(trace, before) {
  const whole = {};
  for (const [name, value] of Object.entries(trace)) {
    if (typeof value?.from !== "number") {
      whole[name] = value;
      continue;
    }
    const { from, ...array } = value;
    whole[name] = { ...array, bdata: before[name].bdata.slice(0, from) + array.bdata };
  }
  return whole;
}

// The same attributes as Plotly takes them.
export function arrays(trace, whole) {
  const taken = {};
  for (const name of Object.keys(trace)) {
    const value = whole[name];
    taken[name] = value?.dtype === "bits" ? unpacked(value) : value;
  }
  return taken;
}

function unpacked({ bdata, shape }) {
  const [rows, columns] = shape.split(",").map(Number);
  const bytes = atob(bdata);
  return Array.from({ length: rows }, (_, row) => {
    const line = new Uint8Array(columns);
    for (let column = 0; column < columns; column += 1) {
      const at = row * columns + column;
      line[column] = (bytes.charCodeAt(at >> 3) >> (7 - (at & 7))) & 1;
    }
    return line;
  });
}
