"""The keyboard shortcuts of a board: one table for its JavaScript, the help list of the page and docs/board.md."""

from __future__ import annotations

from typing import Any, NamedTuple


class Shortcut(NamedTuple):
    """A command of the board and the keys that give it.

    Attributes:
        keys: as `KeyboardEvent.key` names them. command: see assets/controls/commands.js.
        help: what the command does, in the help list.
    """

    keys: tuple[str, ...]
    command: str
    help: str


LABELS = {" ": "Space", "ArrowRight": "→", "ArrowLeft": "←", "Escape": "Esc"}

# A presenter's clicker sends the keys of a slide show: PageDown, PageUp, "b" for a black screen, F5 and Escape.
SHORTCUTS = (
    Shortcut((" ", "b"), "toggle", "start, pause or resume"),
    Shortcut((".", "ArrowRight", "PageDown"), "step", "train on one mini-batch; one step forward when looking back"),
    Shortcut(("ArrowLeft", "PageUp"), "back", "look back by one step"),
    Shortcut(("e",), "step_epoch", "train to the end of the epoch"),
    Shortcut(("l",), "live", "return to the newest step"),
    Shortcut(("p",), "talk", "projector mode on and off"),
)
# In talk mode a key of this table has this meaning; the other keys keep theirs.
TALK_SHORTCUTS = (
    Shortcut(("PageDown", "n"), "next", "next panel"),
    Shortcut(("PageUp",), "previous", "previous panel"),
    Shortcut(("1",), "one", "one panel"),
    Shortcut(("2",), "two", "two panels"),
    Shortcut(("Escape", "F5"), "leave", "leave it"),
)


def mount_data() -> dict[str, Any]:
    """Return the keys as assets/controls/ reads them.

    Returns:
        board, talk: the command of each key. labels: the keys of each command in talk mode, for people.
    """
    talk = _commands(TALK_SHORTCUTS)
    in_talk = {**_commands(SHORTCUTS), **talk}
    labels = {
        command: ", ".join(label(key) for key, its in in_talk.items() if its == command) for command in in_talk.values()
    }
    return {"board": _commands(SHORTCUTS), "talk": talk, "labels": labels}


def help_table() -> str:
    """Return the list of keys as a Markdown table."""
    rows = [
        *(_row(each, each.help) for each in SHORTCUTS),
        *(_row(each, f"in projector mode: {each.help}") for each in TALK_SHORTCUTS),
    ]
    return "\n".join(["| Key | Action |", "|---|---|", *rows])


def label(key: str) -> str:
    """Return the name of a key as it is printed on a keyboard."""
    return LABELS.get(key, key)


def _commands(shortcuts: tuple[Shortcut, ...]) -> dict[str, str]:
    return {key: each.command for each in shortcuts for key in each.keys}


def _row(shortcut: Shortcut, help: str) -> str:
    keys = ", ".join(f"`{label(key)}`" for key in shortcut.keys)
    return f"| {keys} | {help} |"
