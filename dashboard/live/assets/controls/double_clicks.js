// Buttons whose meaning changes after a click: Start becomes Pause, and Pause becomes Resume. The second click of a
// double click must not press the new button, so it is ignored.

// The first button of a transport, the only primary one there, and that of projector mode.
const SWITCHES = '.st-key-transport [data-testid="stBaseButton-primary"], [data-rs-switch]';
const PAUSE = 500; // milliseconds without effect after a click, the usual limit of a double click

// Returns a function that removes the listeners.
export function ignoreDoubleClicks() {
  let readyAt = -Infinity; // when the next click has an effect, in the monotonic time of events
  let timer;

  // The buttons do not react to the pointer during the pause, so that they do not look as if they could be pressed.
  const setPaused = (isPaused) => document.documentElement.classList.toggle("rs-just-clicked", isPaused);

  const handleClick = (event) => {
    // a click by a program is never a double click
    if (!event.isTrusted || !event.target.closest?.(SWITCHES)) return;
    if (event.timeStamp < readyAt) return stop(event);
    readyAt = event.timeStamp + PAUSE;
    setPaused(true);
    clearTimeout(timer);
    timer = setTimeout(() => setPaused(false), PAUSE);
  };

  // Enter that is held down clicks a button again and again.
  const handleKey = (event) => {
    if (event.repeat && event.key === "Enter" && event.target.closest?.(SWITCHES)) stop(event);
  };

  document.addEventListener("click", handleClick, true);
  document.addEventListener("keydown", handleKey, true);
  return () => {
    document.removeEventListener("click", handleClick, true);
    document.removeEventListener("keydown", handleKey, true);
    clearTimeout(timer);
    setPaused(false);
  };
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
