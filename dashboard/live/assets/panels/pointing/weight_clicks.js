// A click on a pixel of the weight pictures or near the middle of a connection of the network chooses this weight:
// another panel then shows it, if that panel is on the board.

import { tileCell } from "./cell_texts.js";

const PANEL = "tug"; // that shows the chosen weight
const OPTION = "chosen weight"; // of its list
const MAX_MOVE = 4; // pixels from the press to the release of a click; more is a zoom
const MAX_DISTANCE = 12; // pixels from a click to the point of a connection

export class WeightClicks {
  // panels: returns the panels of the layout. choose: called with layer, row and column of a weight, from 0.
  constructor(panels, choose) {
    Object.assign(this, { panels, choose });
    this.pressed = null; // panel and place of the press
    this.release = (event) => this.handleRelease(event);
    document.addEventListener("pointerup", this.release, true); // Plotly.js covers the page while a button is pressed
  }

  // Listen to a panel's chart; a second call does nothing. The click of Plotly.js is not used: it is lost if a frame is
  // drawn at that moment.
  link(panel) {
    if (panel.hasWeightClicks) return;
    panel.hasWeightClicks = true;
    panel.chart.addEventListener("pointerdown", ({ clientX, clientY }) => (this.pressed = { panel, clientX, clientY }), true);
  }

  handleRelease({ clientX, clientY }) {
    const { pressed } = this;
    this.pressed = null;
    if (!pressed || Math.hypot(clientX - pressed.clientX, clientY - pressed.clientY) > MAX_MOVE) return;
    const weight = weightAt(pressed.panel.chart, clientX, clientY);
    const target = this.target();
    if (!weight || !target) return;
    target.choices.select(OPTION);
    this.choose(weight);
  }

  // Show by the pointer where a click has an effect.
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
  }
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
