// Saves a chart as a picture, PNG at twice its size or SVG, with title and background of the panel.

const TITLE_HEIGHT = 40; // pixels above the chart, for the title
const LEGEND_HEIGHT = 24; // pixels between the title and the chart
const PNG_SCALE = 2;

// kind: "png" or "svg". filename: without extension.
export async function savePicture(panel, kind, filename) {
  const { chart } = panel;
  const { backgroundColor, color } = getComputedStyle(panel.section);
  const box = chart.getBoundingClientRect();
  const width = Math.round(box.width);
  const hasLegend = panel.legendPlace !== "none";
  const above = TITLE_HEIGHT + (hasLegend ? LEGEND_HEIGHT : 0);
  const height = Math.round(box.height) + above;
  const title = { text: escapeHtml(panel.title.textContent), font: { size: 16, color }, x: 0.01, xanchor: "left", y: 0.98, yanchor: "top" };
  const layout = {
    ...chart.layout,
    paper_bgcolor: backgroundColor,
    width,
    height,
    legend: { ...chart.layout.legend, yref: "container", y: 1 - TITLE_HEIGHT / height, yanchor: "top" },
    showlegend: hasLegend, // the names beside the lines are not part of the chart
    margin: { ...chart.layout.margin, t: chart._fullLayout.margin.t + above },
    title,
  };
  const scale = kind === "png" ? PNG_SCALE : 1;
  await window.Plotly.downloadImage({ data: chart.data, layout }, { format: kind, width, height, scale, filename });
}

// Plotly.js reads titles as HTML.
function escapeHtml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
