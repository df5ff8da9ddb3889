// A click on a pixel of the weight pictures or near the middle of a connection of the network chooses this weight:
// another panel then shows it, if that panel is on the board.

import { tileCell } from "./cell_texts.js";

const PANEL = "tug"; // that shows the chosen weight
const OPTION = "chosen weight"; // of its list
const REPEAT = 500; // milliseconds in which another click on the same weight is part of a double click
const MAX_MOVE = 4; // pixels from the press to the release of a click; more is a zoom
const MAX_DISTANCE = 12; // pixels from a click to the point of a connection

export class WeightClicks {
  // panels: returns the panels of the layout. choose: called with layer, row and column of a weight, from 0.
  constructor(panels, choose) {
    Object.assign(this, { panels, choose });
    this.pressed = null; // panel and place of the press
    this.newest = { weight: null, time: -Infinity }; // the newest choice
    this.release = (event) => this.handleRelease(event);
    this.cancel = () => (this.pressed = null);
    document.addEventListener("pointerup", this.release, true); // Plotly.js covers the page while a button is pressed
    document.addEventListener("pointercancel", this.cancel, true);
  }

  // Listen to a panel's chart; a second call does nothing. The click of Plotly.js is not used: it is lost if a frame is
  // drawn at that moment.
  link(panel) {
    if (panel.hasWeightClicks) return;
    panel.hasWeightClicks = true;
    panel.chart.addEventListener("pointerdown", (event) => this.handlePress(panel, event), true);
    panel.chart.addEventListener("pointermove", (event) => this.showPointer(panel, event), true);
    panel.chart.addEventListener("pointerleave", () => setPointer(panel.chart, false));
  }

  handlePress(panel, event) {
    const { clientX, clientY } = event;
    this.pressed = isPrimaryButton(event) ? { panel, clientX, clientY } : null;
  }

  // Show by the pointer where a click has an effect.
  showPointer({ chart, section }, { clientX, clientY }) {
    setPointer(chart, section.hasAttribute("data-chooses") && Boolean(weightAt(chart, clientX, clientY)));
  }

  handleRelease(event) {
    const { pressed } = this;
    const { clientX, clientY, timeStamp } = event;
    this.pressed = null;
    if (!pressed || !isPrimaryButton(event) || Math.hypot(clientX - pressed.clientX, clientY - pressed.clientY) > MAX_MOVE) return;
    const weight = weightAt(pressed.panel.chart, clientX, clientY);
    const target = this.target();
    if (!weight || !target) return;
    target.choices.select(OPTION);
    const isRepeated = isSame(weight, this.newest.weight) && timeStamp - this.newest.time < REPEAT;
    if (isRepeated || isSame(weight, shownWeight(target))) return;
    this.newest = { weight, time: timeStamp };
    this.choose(weight);
  }

  // Mark the panels where a click can choose a weight.
  mark() {
    const hasTarget = Boolean(this.target());
    for (const panel of this.panels()) {
      panel.section.toggleAttribute("data-chooses", hasTarget && (panel.traces ?? []).some(hasWeights));
    }
  }

  target() {
    return this.panels().find((panel) => panel.name === PANEL);
  }

  close() {
    document.removeEventListener("pointerup", this.release, true);
    document.removeEventListener("pointercancel", this.cancel, true);
  }
}

function isPrimaryButton({ isPrimary, button }) {
  return isPrimary && button === 0;
}

function isSame(weight, other) {
  return Boolean(other) && weight.every((value, i) => value === other[i]);
}

// Returns the chosen weight that a panel shows; undefined without one.
function shownWeight({ traces }) {
  return (traces ?? []).find(({ meta }) => meta?.chosen_weight)?.meta.chosen_weight;
}

function setPointer(chart, isOverWeight) {
  const cover = chart.querySelector(".nsewdrag"); // of Plotly.js, over the plot
  if (cover) cover.style.cursor = isOverWeight ? "pointer" : "";
}

function hasWeights({ meta }) {
  return Boolean(meta?.neurons) || meta?.weight_layer !== undefined;
}

// Returns layer, row and column of the weight at a place on the screen; null without one.
function weightAt(chart, clientX, clientY) {
  const { xaxis, yaxis } = chart._fullLayout ?? {};
  if (!xaxis || !yaxis) return null;
  const box = chart.getBoundingClientRect();
  const [left, top] = [clientX - box.left - xaxis._offset, clientY - box.top - yaxis._offset];
  const traces = chart._fullData.filter(hasWeights);
  const [picture] = traces.filter(({ meta }) => meta.neurons);
  if (picture) {
    const [row, column] = [Math.round(yaxis.p2d(top)), Math.round(xaxis.p2d(left))];
    const cell = row < 0 || column < 0 ? null : tileCell(picture.meta, row, column);
    return cell && [0, cell.row * picture.meta.width + cell.column, picture.meta.neurons[cell.tile]];
  }
  let nearest = { distance: MAX_DISTANCE, weight: null };
  for (const { meta, x, y, customdata } of traces) {
    Array.from(x ?? []).forEach((value, i) => {
      const distance = Math.hypot(xaxis.d2p(value) - left, yaxis.d2p(y[i]) - top);
      if (distance < nearest.distance) nearest = { distance, weight: [meta.weight_layer, customdata[i][0] - 1, customdata[i][1] - 1] };
    });
  }
  return nearest.weight;
}
