// The commands of keys and buttons. Some change what the board shows, the others are orders to the run.

// takesOrders: returns whether the run on the board has a worker. Otherwise an order goes to the page, which can start
// or resume a run.
export function commandHandler({ timeline, talk, viewer, reports, takesOrders }) {
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
    if (!takesOrders() || !viewer.sendOrder(name)) reports.order(name);
  }

  return (name) => {
    if (commands[name]) commands[name]();
    // while looking back, "step" moves forward; at the newest step it trains
    else if (name === "step" && timeline.canMoveForward) timeline.moveBy(1);
    else {
      timeline.returnToLive();
      sendOrder(name);
    }
  };
}
