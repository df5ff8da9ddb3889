// Keyboard shortcuts, and presenters' clickers: they send the keys of a slide show.

const COMMANDS = {
  " ": "toggle",
  b: "toggle", // a clicker's button for a black screen
  ".": "step",
  ArrowRight: "step",
  ArrowLeft: "back",
  e: "step_epoch",
  l: "live",
  p: "talk",
  PageDown: "step",
  PageUp: "back",
};
// In talk mode these come first: the keys for the next and the previous slide turn the panels.
const TALK_COMMANDS = { PageDown: "next", PageUp: "previous", n: "next", 1: "one", 2: "two", Escape: "leave", F5: "leave" };

// Call `perform` with the command of each key that is pressed. Returns a function that ends this.
export function addKeyListener({ inTalk, perform }) {
  const pressed = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const command = (inTalk() && TALK_COMMANDS[event.key]) || COMMANDS[event.key];
    if (!command || usedByFocus(event)) return;
    event.preventDefault();
    perform(command);
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}

// Whether the focused element uses the key itself: a field, a list, or a button that Space presses.
function usedByFocus({ key, target }) {
  if (!(target instanceof Element)) return false;
  if (target.closest('input:not([type="range"]), textarea, select, [contenteditable=""], [contenteditable="true"]')) {
    return true;
  }
  if (target.closest('[role="dialog"], [role="listbox"], [role="slider"], [role="radiogroup"], input')) {
    return key !== "p" && key !== "Escape";
  }
  return key === " " && Boolean(target.closest('button, a, summary, [role="button"], [role="checkbox"]'));
}
