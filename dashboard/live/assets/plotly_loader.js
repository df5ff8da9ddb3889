// Loads Plotly.js once per page, because it is large.

import { createElement } from "./dom.js";

let loading = null; // a promise, shared by all boards of the page

export function loadPlotly(url) {
  loading ??= window.Plotly
    ? Promise.resolve(window.Plotly)
    : new Promise((resolve, reject) => {
        const script = createElement("script", "");
        script.src = url;
        script.onload = () => resolve(window.Plotly);
        script.onerror = () => {
          loading = null; // the next call tries again
          reject(new Error("plotly.js could not be loaded"));
        };
        document.head.append(script);
      });
  return loading;
}
