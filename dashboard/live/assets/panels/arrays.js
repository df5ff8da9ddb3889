// The arrays of a frame. They have the format of Plotly.js, raw bytes in base64, with two additions: an array that
// continues the previous one (`from`), and an array of bits. The labels of the cells of a heatmap are made here, because
// they would be the largest part of a frame.

import { CELL_TEXTS } from "./pointing/cell_texts.js";

// Returns the attributes of a trace with complete arrays. previous: the attributes after the previous frame.
export function completeArrays(trace, previous) {
  const joined = {};
  for (const [name, value] of Object.entries(trace)) {
    if (typeof value?.from !== "number") {
      joined[name] = value;
      continue;
    }
    const { from, ...array } = value;
    joined[name] = { ...array, bdata: previous[name].bdata.slice(0, from) + array.bdata };
  }
  return joined;
}

// Returns the attributes of `trace` in the format of Plotly.js. joined: the attributes with complete arrays.
export function decodeArrays(trace, joined) {
  const decoded = {};
  for (const name of Object.keys(trace)) {
    const value = joined[name];
    decoded[name] = value?.dtype === "bits" ? unpackBits(value) : value;
  }
  if (CELL_TEXTS[joined.meta?.dtype]) decoded.text = CELL_TEXTS[joined.meta.dtype](joined);
  return decoded;
}

// Returns a matrix of 0 and 1 as a list of rows.
function unpackBits({ bdata, shape }) {
  const [rows, columns] = shape.split(",").map(Number);
  const bytes = atob(bdata);
  return Array.from({ length: rows }, (_, row) => {
    const line = new Uint8Array(columns);
    for (let column = 0; column < columns; column += 1) {
      const bit = row * columns + column;
      line[column] = (bytes.charCodeAt(bit >> 3) >> (7 - (bit & 7))) & 1;
    }
    return line;
  });
}
