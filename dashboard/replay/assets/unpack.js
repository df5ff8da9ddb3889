// Decompresses the texts of a replay and joins its frames. Each text is in one element, as gzip in base64.

import { joinArrays } from "../../live/assets/panels/arrays.js";

export async function unpack(id) {
  const element = document.getElementById(id);
  const bytes = Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0));
  element.remove();
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// Returns complete frames. In the file, a frame contains the changes since the previous frame.
export function joinFrames(frames) {
  const currentBodies = {}; // by panel
  return frames.map(({ status, epoch, panels }) => {
    for (const [name, { body, continues }] of Object.entries(panels)) {
      currentBodies[name] = continues ? joinBody(currentBodies[name], body) : body;
    }
    return { status, epoch, panels: { ...currentBodies } };
  });
}

function joinBody(previous, changes) {
  const traces = previous.traces.map((trace, i) => ({ ...trace, ...joinArrays(changes.traces[i], trace) }));
  return { ...previous, ...changes, traces, layout: { ...previous.layout, ...changes.layout } };
}
