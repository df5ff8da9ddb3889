// The commands of keys and buttons. Some change only the board; some are executed by the page, and the others are orders
// to the run.

const LOCAL_COMMANDS = ["talk", "leave", "next", "previous", "panels", "help"]; // they work without the server
const PANEL_COMMAND = /^panel (\d)$/;

// canTakeOrders: returns whether the run on the board has a worker. If not, orders go to the page, which can start or
// resume a run. isConnected: returns whether the server answers. If not, only the commands that need no server work.
// pageCommands: returns the commands that the page executes.
export function commandHandler({ timeline, talk, help, viewer, reports, canTakeOrders, isConnected, pageCommands }) {
  const commands = {
    back: () => timeline.moveBy(-1),
    live: () => timeline.returnToLive(),
    fork: () => timeline.forkButton.click(),
    talk: () => talk.setOn(!talk.isOn),
    leave: () => talk.setOn(false),
    next: () => talk.movePanels(1),
    previous: () => talk.movePanels(-1),
    panels: () => talk.setCount(talk.count === 1 ? 2 : 1),
    help: () => help.toggle(),
  };

  // Uses the socket if possible, because a script run of the page is slower.
  function sendOrder(name) {
    if (!canTakeOrders() || !viewer.sendOrder(name)) reports.order(name);
  }

  return (name) => {
    const [, panel] = PANEL_COMMAND.exec(name) ?? [];
    // the notice gives the reason; an order must not be executed minutes later
    if (!isConnected() && !panel && !LOCAL_COMMANDS.includes(name)) return;
    if (panel) talk.showPanel(Number(panel) - 1);
    else if (commands[name]) commands[name]();
    else if (pageCommands().includes(name)) reports.order(name);
    // while looking back, "step" moves forward; at the newest step it trains
    else if (name === "step" && timeline.canMoveForward) timeline.moveBy(1);
    else {
      timeline.returnToLive();
      sendOrder(name);
    }
  };
}
