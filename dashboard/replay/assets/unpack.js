// The texts in the file of a replay: compressed with gzip, in base64, one per element.

import { joinArrays } from "../../live/assets/panels/arrays.js";

export async function unpack(id) {
  const node = document.getElementById(id);
  const bytes = Uint8Array.from(atob(node.textContent), (letter) => letter.charCodeAt(0));
  node.remove();
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// Returns complete frames: in the file, a frame contains the changes since the one before.
export function joinFrames(frames) {
  const current = {};
  return frames.map(({ status, epoch, panels }) => {
    for (const [name, { body, continues }] of Object.entries(panels)) {
      current[name] = continues ? joinBody(current[name], body) : body;
    }
    return { status, epoch, panels: { ...current } };
  });
}

function joinBody(before, body) {
  const traces = before.traces.map((trace, i) => ({ ...trace, ...joinArrays(body.traces[i], trace) }));
  return { ...before, ...body, traces, layout: { ...before.layout, ...body.layout } };
}
