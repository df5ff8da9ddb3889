// Linked cursors: the x value under the pointer in one chart is labelled in every chart with the same x axis.
// At most once per animation frame, and only while the pointer is over a chart.

export class Cursors {
  // panels: returns the panels that may be linked. A panel's `cursorAxis` names its x axis, "" links nothing.
  constructor(panels) {
    this.panels = panels;
    this.source = null; // the panel under the pointer
    this.x = null;
    this.scheduled = false;
  }

  // Listen to a panel's chart; a second call does nothing.
  join(panel) {
    if (panel.joinedCursors || !panel.chart.on) return;
    panel.joinedCursors = true;
    panel.chart.on("plotly_hover", ({ event, xvals, points }) => {
      if (!event?.isTrusted || !panel.cursorAxis) return; // an untrusted event comes from a linked chart
      this.source = panel;
      this.x = points?.[0]?.x ?? xvals?.[0];
      this.schedule();
    });
    panel.chart.on("plotly_unhover", () => this.leave(panel));
    panel.chart.addEventListener("mouseleave", () => this.leave(panel));
    // a chart that is drawn again has new values at the same x
    panel.chart.on("plotly_afterplot", () => this.source && this.source !== panel && this.schedule());
  }

  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      if (!this.source) return;
      for (const panel of this.linkedPanels()) {
        ignoreErrors(() => window.Plotly.Fx.hover(panel.chart, { xval: this.x }, "xy"));
      }
    });
  }

  leave(panel) {
    if (panel !== this.source) return;
    const linked = this.linkedPanels();
    this.source = null;
    for (const other of linked) ignoreErrors(() => window.Plotly.Fx.unhover(other.chart));
  }

  linkedPanels() {
    const { source } = this;
    return this.panels().filter(
      (panel) =>
        panel !== source && panel.joinedCursors && panel.cursorAxis === source.cursorAxis && panel.inViewport && !panel.section.hidden,
    );
  }
}

// A chart that is being removed has no axes, and Plotly.js raises.
function ignoreErrors(call) {
  try {
    call();
  } catch (error) {
    console.debug(error);
  }
}
