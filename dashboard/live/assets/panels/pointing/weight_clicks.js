// A click on a pixel of the weight pictures or on a connection of the network chooses this weight: another panel then
// shows it, if that panel is on the board.

import { tileCell } from "./cell_texts.js";

const PANEL = "tug"; // that shows the chosen weight
const OPTION = "chosen weight"; // of its list

export class WeightClicks {
  // panels: returns the panels of the layout. choose: called with layer, row and column of a weight, from 0.
  constructor(panels, choose) {
    Object.assign(this, { panels, choose });
  }

  // Listen to a panel's chart; a second call does nothing.
  link(panel) {
    if (panel.hasWeightClicks || !panel.chart.on) return;
    panel.hasWeightClicks = true;
    panel.chart.on("plotly_click", ({ points }) => {
      const weight = points?.map(weightAt).find(Boolean);
      const target = this.target();
      if (!weight || !target) return;
      target.choices.select(OPTION);
      this.choose(weight);
    });
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
}

function hasWeights({ meta }) {
  return Boolean(meta?.neurons) || meta?.weight_layer !== undefined;
}

// Returns layer, row and column of the weight at a point of a chart; null without one.
function weightAt({ data, x, y, customdata }) {
  const { meta } = data;
  if (meta?.neurons) {
    const cell = tileCell(meta, y, x);
    return cell && [0, cell.row * meta.width + cell.column, meta.neurons[cell.tile]];
  }
  if (meta?.weight_layer === undefined || !customdata) return null;
  return [meta.weight_layer, customdata[0] - 1, customdata[1] - 1];
}
