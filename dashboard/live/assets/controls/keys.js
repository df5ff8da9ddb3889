// Keyboard shortcuts. The table of keys comes from Python (dashboard/live/keys.py).

const REPEATED = ["step", "step_epoch", "back", "weaker", "stronger", "slower", "faster", "next", "previous"]; // while a key is held down
const ALLOWED_IN_WIDGETS = ["talk", "leave"]; // also while a slider, a dialog or a row of buttons has the focus

// Call `perform` with the command of each pressed key. Returns a function that removes the listener.
// commands: returns { board, talk }, the command of each key outside of talk mode and in it; null before the mount.
export function addKeyListener({ commands, inTalk, perform }) {
  const handleKey = (event) => {
    if (event.key === "Escape" && document.querySelector(":popover-open")) return; // it closes a menu
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const { board, talk } = commands() ?? { board: {}, talk: {} };
    const command = (inTalk() && talk[keyName(event)]) || board[event.key];
    if (!command || isUsedByFocusedElement(event, command)) return;
    event.preventDefault();
    if (event.repeat && !REPEATED.includes(command)) return; // it would switch on and off, or start race after race
    perform(command);
  };
  document.addEventListener("keydown", handleKey);
  return () => document.removeEventListener("keydown", handleKey);
}

// Shift and a digit give other characters on most keyboards, so their name is that of the keys. Where a digit needs
// Shift, it is the digit.
function keyName({ key, shiftKey, code }) {
  const [, digit] = /^Digit(\d)$/.exec(code ?? "") ?? [];
  return shiftKey && digit && key !== digit ? `Shift+${digit}` : key;
}

// Returns whether the focused element uses the key: a field, a list, or a button that Space presses.
function isUsedByFocusedElement({ key, target }, command) {
  if (!(target instanceof Element)) return false;
  if (target.closest('input:not([type="range"]), textarea, select, [contenteditable=""], [contenteditable="true"]')) {
    return true;
  }
  if (target.closest('[role="dialog"], [role="listbox"], [role="slider"], [role="radiogroup"], input')) {
    return !ALLOWED_IN_WIDGETS.includes(command);
  }
  return key === " " && Boolean(target.closest('button, a, summary, [role="button"], [role="checkbox"]'));
}
