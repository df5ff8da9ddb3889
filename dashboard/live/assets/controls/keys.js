// Keyboard shortcuts. The table of keys comes from Python (dashboard/live/keys.py).

const WORK_IN_WIDGETS = ["talk", "leave"]; // also while a slider, a dialog or a row of buttons has the focus

// Calls `perform` with the command of each key that is pressed. Returns a function that ends this.
// commands: returns { board, talk }, the command of each key outside of talk mode and in it; null before the mount.
export function addKeyListener({ commands, inTalk, perform }) {
  const pressed = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const { board, talk } = commands() ?? { board: {}, talk: {} };
    const command = (inTalk() && talk[event.key]) || board[event.key];
    if (!command || usedByFocus(event, command)) return;
    event.preventDefault();
    perform(command);
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}

// Returns whether the focused element uses the key itself: a field, a list, or a button that Space presses.
function usedByFocus({ key, target }, command) {
  if (!(target instanceof Element)) return false;
  if (target.closest('input:not([type="range"]), textarea, select, [contenteditable=""], [contenteditable="true"]')) {
    return true;
  }
  if (target.closest('[role="dialog"], [role="listbox"], [role="slider"], [role="radiogroup"], input')) {
    return !WORK_IN_WIDGETS.includes(command);
  }
  return key === " " && Boolean(target.closest('button, a, summary, [role="button"], [role="checkbox"]'));
}
