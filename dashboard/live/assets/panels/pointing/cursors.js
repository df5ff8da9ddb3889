// Linked cursors: the x value under the pointer is labelled in all charts with the same x axis, at most once per
// animation frame.

export class Cursors {
  // panels: returns the panels. Panels with the same `cursorAxis` are linked; "" is never linked.
  constructor(panels) {
    this.panels = panels;
    this.source = null; // the panel under the pointer
    this.x = null;
    this.scheduled = false;
  }

  // Listen to a panel's chart; a second call does nothing.
  link(panel) {
    if (panel.isLinked || !panel.chart.on) return;
    panel.isLinked = true;
    panel.chart.on("plotly_hover", ({ event, xvals, points }) => {
      if (!event?.isTrusted || !panel.cursorAxis) return; // an untrusted event comes from a linked chart
      this.source = panel;
      this.x = points?.[0]?.x ?? xvals?.[0];
      this.schedule();
    });
    panel.chart.on("plotly_unhover", () => this.removeLabels(panel));
    panel.chart.addEventListener("mouseleave", () => this.removeLabels(panel));
    // a chart that was drawn again may have other values at the same x
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

  removeLabels(panel) {
    if (panel !== this.source) return;
    const linked = this.linkedPanels();
    this.source = null;
    for (const other of linked) ignoreErrors(() => window.Plotly.Fx.unhover(other.chart));
  }

  linkedPanels() {
    const { source } = this;
    return this.panels().filter(
      (panel) =>
        panel !== source && panel.isLinked && panel.cursorAxis === source.cursorAxis && panel.inViewport && !panel.section.hidden,
    );
  }
}

// Plotly.js throws for a chart that is being removed, because it has no axes.
function ignoreErrors(call) {
  try {
    call();
  } catch (error) {
    console.debug(error);
  }
}
