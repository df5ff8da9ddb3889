// The entry module of a replay: decompresses the run and shows the player.

import { createElement } from "../../live/assets/dom.js";
import { Player } from "./player.js";
import { completeFrames, unpack } from "./unpack.js";

async function start() {
  const loadingMessage = document.getElementById("loading-message");
  if (typeof DecompressionStream === "undefined") {
    loadingMessage.textContent = "This browser cannot unpack the run: open the file in a newer browser.";
    return;
  }
  try {
    document.head.append(createElement("script", "", await unpack("plotly")));
    const { specs, frames, table } = JSON.parse(await unpack("data"));
    window.regscopeReplay = new Player(document.getElementById("player"), specs, completeFrames(frames), table);
  } catch (error) {
    loadingMessage.textContent = `The run cannot be shown (${error.message}): the file is damaged, export it again.`;
    throw error;
  }
}

start();
