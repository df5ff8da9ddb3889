// Changes of a figure's layout, by dotted names such as "xaxis.range".

import { enlargeLayoutPart } from "./enlarge.js";

const MIN_NAME = 4; // characters of the shortest text of a name
const CHARACTER_WIDTH = 0.6; // share of the font size
const MIN_WIDTH = 11; // font sizes of a figure among others in one row
const MIN_HEIGHT = 5; // font sizes of a figure in two rows

// Apply the changes of a frame. zoomed: names of the axes whose range the user has set; frames do not change it.
export function applyFrameLayout(layout, changes, zoomed, scale) {
  for (const [names, value] of changesWithoutZoom(changes, zoomed)) {
    if (names[1] === "range") setPath(layout, [names[0], "autorange"], false);
    setPath(layout, names, scale === 1 ? value : enlargeLayoutPart(names[0], value, scale));
  }
}

// Apply the changes of an option; a range of null lets Plotly.js find the range.
export function applyOptionLayout(layout, changes, zoomed) {
  for (const [names, value] of changesWithoutZoom(changes, zoomed)) {
    setPath(layout, names, value);
    if (value === null && names[1] === "range") setPath(layout, [names[0], "autorange"], true);
  }
}

function changesWithoutZoom(changes, zoomed) {
  return Object.entries(changes)
    .map(([path, value]) => [path.split("."), value])
    .filter(([names]) => !(zoomed.has(names[0]) && names[1] === "range"));
}

// null removes the value.
function setPath(target, names, value) {
  const last = names.at(-1);
  for (const name of names.slice(0, -1)) target = target[name] ??= {};
  if (value === null) delete target[last];
  else target[last] = value;
}

// Arrange the boundaries of several runs in one row, or in two columns if the chart is narrow, with names that fit.
// layout.meta: names, the texts of the name of each run from the shortest to the longest; gap, the share of the width
// between two of them. width, height: of the chart, in pixels; 0 while it is hidden.
export function arrangeSideBySide(layout, width, height) {
  const { names, gap } = layout.meta ?? {};
  if (!names?.length || !width || !height) return;
  const { margin, annotations } = layout;
  const fontSize = annotations[0].font.size, count = names.length;
  const plotWidth = width - margin.l - margin.r, plotHeight = height - margin.t - margin.b;
  const isNarrow = count > 2 && plotWidth / count < MIN_WIDTH * fontSize && (plotHeight - margin.t) / 2 > MIN_HEIGHT * fontSize;
  const columns = isNarrow ? 2 : count, rows = Math.ceil(count / columns);
  const share = (1 - gap * (columns - 1)) / columns; // of the width
  const rowGap = margin.t / plotHeight; // for the names of the second row
  const rowShare = (1 - rowGap * (rows - 1)) / rows;
  const length = Math.floor((share * plotWidth) / (CHARACTER_WIDTH * fontSize));
  names.forEach((texts, i) => {
    const number = i ? i + 1 : "", left = (i % columns) * (share + gap), top = 1 - Math.floor(i / columns) * (rowShare + rowGap);
    layout[`xaxis${number}`].domain = [left, Math.min(1, left + share)];
    layout[`yaxis${number}`].domain = [Math.max(0, top - rowShare), top];
    annotations[i].text = texts[Math.max(0, Math.min(length - MIN_NAME, texts.length - 1))];
  });
}
