"""The keyboard shortcuts of a board: one table for its JavaScript, the help list of the page and docs/board.md."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.families.penalties import PENALTIES
from engine.families.penalties.penalty import lowercase_unless_acronym


class Shortcut(NamedTuple):
    """A command of the board and its keys.

    Attributes:
        keys: values of `KeyboardEvent.key`.
        command: a name in assets/controls/commands.js.
        help: the effect of the command, for the help list.
    """

    keys: tuple[str, ...]
    command: str
    help: str


# The row of the sidebar, in its order.
REGULARIZERS = (
    "none",
    *(lowercase_unless_acronym(member.name) for member in PENALTIES.values() if member.demo_strength is not None),
    "dropout",
    "several combined",
)
MAX_PANEL_KEYS = 6
LABELS = {" ": "Space", "ArrowRight": "→", "ArrowLeft": "←", "Escape": "Esc"}

# A presentation remote sends the keys of a slide show: PageDown, PageUp, "b" for a black screen, F5 and Escape.
SHORTCUTS = (
    Shortcut((" ", "b"), "toggle", "start, pause or resume"),
    Shortcut((".", "ArrowRight", "PageDown"), "step", "train on one mini-batch; one step forward when looking back"),
    Shortcut(("ArrowLeft", "PageUp"), "back", "look back by one step"),
    Shortcut(("e",), "step_epoch", "train to the end of the epoch"),
    Shortcut(("l",), "live", "return to the newest step"),
    Shortcut(("[", "-"), "weaker", "a weaker regularizer: a smaller λ, or fewer dropped neurons"),
    Shortcut(("]", "+", "="), "stronger", "a stronger regularizer"),
    *(Shortcut((str(i),), f"regularizer {i}", f"regularizer: {choice}") for i, choice in enumerate(REGULARIZERS)),
    Shortcut(("<",), "slower", "fewer mini-batches a second"),
    Shortcut((">",), "faster", "more mini-batches a second"),
    Shortcut(("g",), "ghost", "hide or show the grey run"),
    Shortcut(("f",), "fork", "fork the run at the step on the board"),
    Shortcut(("r",), "race", "race: no regularizer, L2, L1 and dropout, with the settings of the sidebar"),
    Shortcut(("d",), "damage", "destroy neurons of the run or of the compared runs"),
    Shortcut(("?",), "help", "show these keys"),
    Shortcut(("p",), "talk", "projector mode on and off"),
)
# In talk mode (projector mode), this table takes precedence over `SHORTCUTS`.
TALK_SHORTCUTS = (
    Shortcut(("PageDown", "n"), "next", "next panel"),
    Shortcut(("PageUp",), "previous", "previous panel"),
    *(Shortcut((f"Shift+{i}",), f"panel {i}", f"panel {i} of the layout") for i in range(1, MAX_PANEL_KEYS + 1)),
    Shortcut(("v",), "panels", "one panel, or two side by side"),
    Shortcut(("Escape", "F5"), "leave", "leave it"),
)
# The commands that the page executes; the others belong to the board or are orders for the run.
PAGE_COMMANDS = ("weaker", "stronger", *(f"regularizer {i}" for i in range(len(REGULARIZERS))))
PAGE_COMMANDS += ("slower", "faster", "ghost", "race", "damage")


def mount_data() -> dict[str, Any]:
    """Return the shortcuts for the JavaScript in assets/controls/.

    Returns:
        board, talk: the command of each key outside of talk mode and in it.
        labels: the labels of the keys of each command in talk mode.
        page: the commands that the page executes.
        help: [labels of the keys, effect] of each command.
    """
    talk_commands = _command_by_key(TALK_SHORTCUTS)
    all_commands = {**_command_by_key(SHORTCUTS), **talk_commands}
    labels = {
        command: ", ".join(key_label(key) for key, other in all_commands.items() if other == command)
        for command in all_commands.values()
    }
    help = [[_keys_text(shortcut), shortcut.help] for shortcut in SHORTCUTS]
    help += [[_keys_text(shortcut), f"projector mode: {shortcut.help}"] for shortcut in TALK_SHORTCUTS]
    return {
        "board": _command_by_key(SHORTCUTS),
        "talk": talk_commands,
        "labels": labels,
        "page": list(PAGE_COMMANDS),
        "help": help,
    }


def shortcuts_table() -> str:
    """Return the keys and their commands as a Markdown table."""
    rows = [
        *(_table_row(shortcut, shortcut.help) for shortcut in SHORTCUTS),
        *(_table_row(shortcut, f"in projector mode: {shortcut.help}") for shortcut in TALK_SHORTCUTS),
    ]
    return "\n".join(["| Key | Action |", "|---|---|", *rows])


def key_label(key: str) -> str:
    """Return the label of a key on a keyboard."""
    return LABELS.get(key, key)


def _command_by_key(shortcuts: tuple[Shortcut, ...]) -> dict[str, str]:
    return {key: shortcut.command for shortcut in shortcuts for key in shortcut.keys}


def _keys_text(shortcut: Shortcut) -> str:
    return ", ".join(map(key_label, shortcut.keys))


def _table_row(shortcut: Shortcut, help: str) -> str:
    keys = ", ".join(f"`{key_label(key)}`" for key in shortcut.keys)
    return f"| {keys} | {help} |"
