// What the commands of keys and buttons do: some change what is shown, the others are orders to the run.

const ENDED = ["finished", "stopped", "diverged", "failed", "interrupted"]; // Start begins another run

// runState: returns the state of the run on the board, null without one.
export function commandHandler({ timeline, talk, viewer, reports, runState }) {
  const commands = {
    back: () => timeline.moveBy(-1),
    live: () => timeline.returnToLive(),
    talk: () => talk.setOn(!talk.on),
    leave: () => talk.setOn(false),
    next: () => talk.turnBy(1),
    previous: () => talk.turnBy(-1),
    one: () => talk.setCount(1),
    two: () => talk.setCount(2),
  };

  // Over the socket if possible: a script run takes longer than a mini-batch.
  function sendOrder(name) {
    const state = runState();
    const toRun = state !== null && !ENDED.includes(state);
    if (!toRun || !viewer.sendOrder(name)) reports.order(name);
  }

  return (name) => {
    if (commands[name]) commands[name]();
    // one step forward in the past comes before one step of training
    else if (name === "step" && timeline.canMoveForward) timeline.moveBy(1);
    else {
      timeline.returnToLive();
      sendOrder(name);
    }
  };
}
