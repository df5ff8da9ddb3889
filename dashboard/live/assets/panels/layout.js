// Changes of a figure's layout, by dotted names such as "xaxis.range".

import { enlargeLayoutPart } from "./enlarge.js";

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
