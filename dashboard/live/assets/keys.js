// The keyboard, and the clickers that speakers hold: they send the keys of a slide show.

// What a key means on the board; in a talk the keys for the next and the last slide turn its panels.
const MEANING = {
  " ": "toggle",
  b: "toggle", // a clicker's "black screen"
  ".": "step",
  ArrowRight: "step",
  ArrowLeft: "back",
  e: "step_epoch",
  l: "live",
  p: "talk",
  PageDown: "step",
  PageUp: "back",
};
const IN_A_TALK = { PageDown: "next", PageUp: "previous", n: "next", 1: "one", 2: "two", Escape: "leave", F5: "leave" };

export function listen(board) {
  const pressed = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const meaning = (board.talk.on && IN_A_TALK[event.key]) || MEANING[event.key];
    if (!meaning || taken(event)) return;
    event.preventDefault();
    board.obey(meaning);
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}

// Whether the key is meant for what has the focus: a field, a list, a button that a space presses.
function taken({ key, target }) {
  if (!(target instanceof Element)) return false;
  if (target.closest('input:not([type="range"]), textarea, select, [contenteditable=""], [contenteditable="true"]')) {
    return true;
  }
  if (target.closest('[role="dialog"], [role="listbox"], [role="slider"], [role="radiogroup"], input')) {
    return key !== "p" && key !== "Escape";
  }
  return key === " " && Boolean(target.closest('button, a, summary, [role="button"], [role="checkbox"]'));
}
