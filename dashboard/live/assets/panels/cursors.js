// Linked cursors: what is pointed at in one chart is labelled in every other whose axis says the same.
// At most once per animation frame, and only while the pointer is over a chart.

export class Cursors {
  // panels: gives those that may be linked; `cursor` of a panel names its axis, none where it has nothing to link.
  constructor(panels) {
    this.panels = panels;
    this.source = null; // the panel that the pointer is over
    this.at = null;
    this.asked = false;
  }

  // Listen to a panel's chart; once, however often it is called.
  join(panel) {
    if (panel.joined || !panel.chart.on) return;
    panel.joined = true;
    panel.chart.on("plotly_hover", ({ event, xvals, points }) => {
      if (!event?.isTrusted || !panel.cursor) return; // it was said by another chart, and is not passed on
      this.source = panel;
      this.at = points?.[0]?.x ?? xvals?.[0];
      this.ask();
    });
    panel.chart.on("plotly_unhover", () => this.leave(panel));
    panel.chart.addEventListener("mouseleave", () => this.leave(panel));
    // a chart that was drawn anew under a resting pointer has other values there
    panel.chart.on("plotly_afterplot", () => this.source && this.source !== panel && this.ask());
  }

  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      if (!this.source) return;
      for (const panel of this.others()) quietly(() => window.Plotly.Fx.hover(panel.chart, { xval: this.at }, "xy"));
    });
  }

  leave(panel) {
    if (panel !== this.source) return;
    const others = this.others();
    this.source = null;
    for (const other of others) quietly(() => window.Plotly.Fx.unhover(other.chart));
  }

  others() {
    const { source } = this;
    return this.panels().filter(
      (panel) => panel !== source && panel.joined && panel.cursor === source.cursor && panel.seen && !panel.section.hidden,
    );
  }
}

// A chart that is just being taken away has no axes to look along.
function quietly(what) {
  try {
    what();
  } catch (error) {
    console.debug(error);
  }
}
