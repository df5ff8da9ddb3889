// Load Plotly.js once per page: it is large.

let loading = null; // the promise that every board of the page shares

export function loadPlotly(url) {
  loading ??= window.Plotly
    ? Promise.resolve(window.Plotly)
    : new Promise((resolve, reject) => {
        const script = document.createElement("script");
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
