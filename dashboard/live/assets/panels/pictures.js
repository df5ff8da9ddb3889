// Saves a chart as a picture, PNG at twice its size or SVG, with title and background of the panel.

import { createElement } from "../dom.js";

const FORMATS = ["png", "svg"];
const TITLE_HEIGHT = 40; // pixels above the chart, for the title
const PNG_SCALE = 2;

// Add a list to a panel. stepName: returns a name for the step on the board, for the file.
export function addPictureList(panel, stepName) {
  const list = createElement("select", "rs-picture", new Option("Save", ""), ...FORMATS.map((kind) => new Option(kind.toUpperCase(), kind)));
  list.title = "Save this chart as a picture";
  list.setAttribute("aria-label", `Save the chart “${panel.title.textContent}” as a picture`);
  list.addEventListener("change", async () => {
    const kind = list.value;
    list.selectedIndex = 0;
    list.disabled = true;
    try {
      await savePicture(panel, kind, `regscope-${panel.name}-${stepName()}`);
    } finally {
      list.disabled = false;
      list.focus();
    }
  });
  panel.section.append(list);
}

async function savePicture(panel, kind, filename) {
  const { chart } = panel;
  const { backgroundColor, color } = getComputedStyle(panel.section);
  const box = chart.getBoundingClientRect();
  const width = Math.round(box.width);
  const height = Math.round(box.height) + TITLE_HEIGHT;
  const title = { text: escapeHtml(panel.title.textContent), font: { size: 16, color }, x: 0.01, xanchor: "left", y: 0.98, yanchor: "top" };
  const layout = {
    ...chart.layout,
    paper_bgcolor: backgroundColor,
    width,
    height,
    showlegend: Boolean(panel.hasLegend),
    margin: { ...chart.layout.margin, t: chart._fullLayout.margin.t + TITLE_HEIGHT },
    title,
  };
  const scale = kind === "png" ? PNG_SCALE : 1;
  await window.Plotly.downloadImage({ data: chart.data, layout }, { format: kind, width, height, scale, filename });
}

// Plotly.js reads titles as HTML.
function escapeHtml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
