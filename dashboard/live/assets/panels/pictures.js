// A chart as a picture: PNG at twice its size, or SVG, with the panel's title and on the page's own ground.

import { el } from "./panel.js";

const KINDS = ["png", "svg"];
const HEAD = 40; // pixels above the chart, for its title

// A quiet list in a panel's head; `place` says of which moment the picture is, for the file's name.
export function offerPictures(panel, place) {
  const list = el("select", "rs-picture", new Option("Save", ""), ...KINDS.map((kind) => new Option(kind.toUpperCase(), kind)));
  list.title = "Save this chart as a picture";
  list.setAttribute("aria-label", `Save the chart “${panel.title.textContent}” as a picture`);
  list.addEventListener("change", async () => {
    const kind = list.value;
    list.selectedIndex = 0;
    list.disabled = true;
    try {
      await save(panel, kind, `regscope-${panel.name}-${place()}`);
    } finally {
      list.disabled = false;
      list.focus();
    }
  });
  panel.section.append(list);
  return list;
}

async function save(panel, kind, filename) {
  const { chart } = panel;
  const style = getComputedStyle(panel.section);
  const { width, height } = chart.getBoundingClientRect();
  const margin = chart._fullLayout.margin;
  const layout = {
    ...chart.layout,
    paper_bgcolor: style.backgroundColor,
    width: Math.round(width),
    height: Math.round(height) + HEAD,
    showlegend: Boolean(panel.named),
    margin: { ...chart.layout.margin, t: margin.t + HEAD },
    title: { text: escaped(panel.title.textContent), x: 0.01, xanchor: "left", y: 0.98, yanchor: "top", font: { size: 16, color: style.color } },
  };
  const picture = { data: chart.data, layout };
  await window.Plotly.downloadImage(picture, { format: kind, width: layout.width, height: layout.height, scale: kind === "png" ? 2 : 1, filename });
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
