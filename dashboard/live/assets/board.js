// The entry point of the board: dashboard/live/board.py imports it and calls `render` and `feed`.

import { ignoreDoubleClicks } from "./controls/double_clicks.js";
import { RunBoard } from "./run_board.js";

const boardOfSlot = new WeakMap();
const openBoards = new Set(); // on this page

ignoreDoubleClicks(); // also on the parts of the page without a board

// Show the board in a slot of the page, or update it. Called after every script run.
export function render(slot) {
  let board = boardOfSlot.get(slot);
  if (!board) {
    board = new RunBoard(slot);
    boardOfSlot.set(slot, board);
    openBoards.add(board);
    slot.regscopeClose = () => {
      board.close();
      boardOfSlot.delete(slot);
      openBoards.delete(board);
    };
  }
  board.update(slot.regscope);
}

// Pass a frame to the board of a page that polls.
export function feed(run, json) {
  for (const board of openBoards) board.feed(run, json);
}
