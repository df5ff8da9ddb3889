// The labels of the cells of a heatmap under the pointer. A frame has only what they are made of (`meta`), because the
// labels themselves would be the largest part of it.

const SEPARATOR = " · ";

// Functions that return the labels of all cells as a matrix, or of all points as a list, by the `dtype` of `meta`. Their
// argument is a trace with `z` or `customdata`, a matrix in the format of a frame.
export const CELL_TEXTS = { cells: cellTexts, tiles: tileTexts, links: linkTexts };

// Such as "mini-batch 812 · epoch 17 · hidden neuron 7 · dropped". x0: the number of the first column. meta: the name of
// a column; the name of a group of columns and their number, 0 for no groups; the name of each row; the text of each
// value, from 0.
export function cellTexts({ z, x0 = 1, meta }) {
  if (!z?.bdata) return [];
  const { column, group, group_size: groupSize, rows, values } = meta;
  const { columnCount, rowCount, valueAt } = readerOf(z);
  const columns = Array.from({ length: columnCount }, (_, i) => {
    const ofGroup = groupSize ? `${SEPARATOR}${group} ${Math.ceil((x0 + i) / groupSize)}` : "";
    return `${column} ${x0 + i}${ofGroup}${SEPARATOR}`;
  });
  return Array.from({ length: rowCount }, (_, row) => {
    const labels = values.map((value) => `${rows[row]}${SEPARATOR}${value}`);
    return columns.map((label, i) => label + labels[valueAt(row, i)]);
  });
}

// Such as "hidden neuron 7 · pixel in row 3, column 14 · weight −0.1234", for small images side by side in one heatmap.
// meta: the name of each image; height, width and gap in cells; the images in a row; the value of a cell that means 0,
// and the meaning of one unit of a value.
export function tileTexts({ z, meta }) {
  if (!z?.bdata) return [];
  const { columnCount, rowCount, valueAt } = readerOf(z);
  return Array.from({ length: rowCount }, (_, row) =>
    Array.from({ length: columnCount }, (_, column) => {
      const cell = tileCell(meta, row, column);
      if (!cell) return "";
      const value = ((valueAt(row, column) - meta.zero) * meta.unit).toPrecision(2).replace("-", "\u2212");
      return `${meta.names[cell.tile]}${SEPARATOR}pixel in row ${cell.row + 1}, column ${cell.column + 1}${SEPARATOR}weight ${value}`;
    }),
  );
}

// Such as "pixel in row 3, column 14 → hidden neuron 7", for points on the connections of the network. customdata: for each
// point the numbers of the two neurons, and the weight. meta: the names of the neurons by their numbers.
export function linkTexts({ customdata, meta }) {
  if (!customdata?.bdata) return [];
  const columns = Number(customdata.shape.split(",")[1]);
  const values = new Float32Array(Uint8Array.from(atob(customdata.bdata), (each) => each.charCodeAt(0)).buffer);
  return Array.from({ length: values.length / columns }, (_, i) => {
    const [source, target] = values.subarray(columns * i);
    return `${meta.sources[source]} \u2192 ${meta.targets[target]}`;
  });
}

// Returns the image, and the row and the column in it, at a cell of the heatmap; null between the images.
export function tileCell({ names, height, width, gap, columns }, row, column) {
  const tile = Math.floor(row / (height + gap)) * columns + Math.floor(column / (width + gap));
  const [rowInTile, columnInTile] = [row % (height + gap), column % (width + gap)];
  return tile < names.length && rowInTile < height && columnInTile < width ? { tile, row: rowInTile, column: columnInTile } : null;
}

// Returns the size of a matrix, and a function of row and column that returns the value of a cell.
function readerOf({ dtype, bdata, shape }) {
  const [rowCount, columnCount] = shape.split(",").map(Number);
  const bytes = atob(bdata);
  const bitAt = (bit) => (bytes.charCodeAt(bit >> 3) >> (7 - (bit & 7))) & 1;
  const read = dtype === "bits" ? bitAt : (index) => bytes.charCodeAt(index); // u1
  return { rowCount, columnCount, valueAt: (row, column) => read(row * columnCount + column) };
}
