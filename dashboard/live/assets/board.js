// The entry of the board's modules: dashboard/live/board.py imports it and calls `render` and `feed`.

import { RunBoard } from "./run_board.js";

const boardOfSlot = new WeakMap();
const openBoards = new Set(); // on this page

// Show the board in a slot of the page. Called after every script run; a board that is there is updated.
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

// Give a frame to the board of a page that polls.
export function feed(run, json) {
  for (const board of openBoards) board.feed(run, json);
}
