// The entry of a replay: unpack the run and show the player.

import { Player } from "./player.js";
import { joinFrames, unpack } from "./unpack.js";

async function start() {
  const wait = document.getElementById("wait");
  if (typeof DecompressionStream === "undefined") {
    wait.textContent = "This browser cannot unpack the run: open the file in a newer one.";
    return;
  }
  try {
    const plotly = document.createElement("script");
    plotly.textContent = await unpack("plotly");
    document.head.append(plotly);
    const { specs, frames } = JSON.parse(await unpack("data"));
    window.regscopeReplay = new Player(document.getElementById("player"), specs, joinFrames(frames));
  } catch (error) {
    wait.textContent = `The run cannot be shown (${error.message}): the file is damaged, export it again.`;
    throw error;
  }
}

start();
