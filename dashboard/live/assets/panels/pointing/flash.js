// Lets the traces with `meta.flash`, a time in milliseconds, fade after a frame has changed them: what the newest
// mini-batch did. There are never more than three such flashes in any second (WCAG 2.3.1), and none for users who prefer less motion.

const MAX_FLASHES = 3; // in any second
const MIN_INTERVAL = 150; // milliseconds between two flashes

export class Flash {
  constructor(chart) {
    this.chart = chart;
    this.times = []; // of the newest flashes, in milliseconds
    this.preference = matchMedia("(prefers-reduced-motion: reduce)");
  }

  // traces: those of the chart. changed: the changes of the frame, in the same order.
  show(traces, changed) {
    const numbers = [...traces.keys()].filter((i) => traces[i].meta?.flash && changed[i] && Object.keys(changed[i]).length);
    if (!numbers.length) return;
    const now = performance.now();
    const isAllowed = !this.preference.matches && this.mayFlash(now);
    if (isAllowed) this.times = [...this.times, now].slice(-MAX_FLASHES);
    for (const i of numbers) {
      const node = this.nodeOf(i);
      if (!node) continue;
      node.classList.toggle("rs-emphasis", traces[i].mode !== "markers"); // board.css leaves it visible while paused
      for (const animation of node.getAnimations()) animation.cancel();
      // with less motion, the changes stay until the next mini-batch; the markers that only fade are not shown
      if (isAllowed) node.animate([{ opacity: 1 }, { opacity: 0 }], { duration: traces[i].meta.flash, fill: "forwards" });
      else if (!this.preference.matches || traces[i].mode === "markers") node.animate([{ opacity: 0 }], { duration: 1, fill: "forwards" });
    }
  }

  mayFlash(now) {
    const isTooSoon = now - (this.times.at(-1) ?? -Infinity) < MIN_INTERVAL;
    return !isTooSoon && (this.times.length < MAX_FLASHES || now - this.times[0] >= 1000);
  }

  // Returns the SVG node of a trace.
  nodeOf(i) {
    const uid = this.chart._fullData?.[i]?.uid;
    return uid ? this.chart.querySelector(`.scatterlayer .trace${CSS.escape(uid)}`) : null;
  }
}
