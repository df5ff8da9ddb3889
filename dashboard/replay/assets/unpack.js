// Decompresses the texts of a replay, and completes its frames. Each text is in one element, as gzip in base64.

import { completeArrays } from "../../live/assets/panels/arrays.js";

export async function unpack(elementId) {
  const element = document.getElementById(elementId);
  const bytes = Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0));
  element.remove();
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// Returns complete frames. In the file, a frame contains the changes since the previous frame.
export function completeFrames(frames) {
  const currentBodies = {}; // by panel
  return frames.map(({ status, epoch, panels }) => {
    for (const [name, { body, continues: isDifference }] of Object.entries(panels)) {
      currentBodies[name] = isDifference ? completeBody(currentBodies[name], body) : body;
    }
    return { status, epoch, panels: { ...currentBodies } };
  });
}

function completeBody(previous, changes) {
  const traces = previous.traces.map((trace, i) => ({ ...trace, ...completeArrays(changes.traces[i], trace) }));
  return { ...previous, ...changes, traces, layout: { ...previous.layout, ...changes.layout } };
}
