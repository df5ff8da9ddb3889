// Loads Plotly.js once per page: it is large.

import { el } from "./dom.js";

let loading = null; // a promise, shared by all boards of the page

export function loadPlotly(url) {
  loading ??= window.Plotly
    ? Promise.resolve(window.Plotly)
    : new Promise((resolve, reject) => {
        const script = el("script", "");
        script.src = url;
        script.onload = () => resolve(window.Plotly);
        script.onerror = () => {
          loading = null; // the next render tries again
          reject(new Error("plotly.js could not be loaded"));
        };
        document.head.append(script);
      });
  return loading;
}
