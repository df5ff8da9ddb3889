// The commands of keys and buttons. Some change only the board; the others are orders to the run.

const LOCAL_COMMANDS = ["talk", "leave", "next", "previous", "one", "two"]; // they work without the server

// canTakeOrders: returns whether the run on the board has a worker. If not, orders go to the page, which can start or
// resume a run. isConnected: returns whether the server answers. If not, only the commands that need no server work.
export function commandHandler({ timeline, talk, viewer, reports, canTakeOrders, isConnected }) {
  const commands = {
    back: () => timeline.moveBy(-1),
    live: () => timeline.returnToLive(),
    ghost: () => reports.order("ghost"), // the page has the list of its runs
    talk: () => talk.setOn(!talk.isOn),
    leave: () => talk.setOn(false),
    next: () => talk.movePanels(1),
    previous: () => talk.movePanels(-1),
    one: () => talk.setCount(1),
    two: () => talk.setCount(2),
  };

  // Uses the socket if possible, because a script run of the page is slower.
  function sendOrder(name) {
    if (!canTakeOrders() || !viewer.sendOrder(name)) reports.order(name);
  }

  return (name) => {
    // the notice gives the reason; an order must not be executed minutes later
    if (!isConnected() && !LOCAL_COMMANDS.includes(name)) return;
    if (commands[name]) commands[name]();
    // while looking back, "step" moves forward; at the newest step it trains
    else if (name === "step" && timeline.canMoveForward) timeline.moveBy(1);
    else {
      timeline.returnToLive();
      sendOrder(name);
    }
  };
}
