"""Keyboard shortcuts: one table for the board, the help and the documentation."""

from __future__ import annotations

import re
from pathlib import Path

from dashboard.live import keys
from dashboard.live.orders import ORDERS
from dashboard.sidebar import page_commands
from dashboard.state.settings.regularizer_choice import CHOICES

ROOT = Path(__file__).parents[3]
CONTROLS = ROOT / "dashboard" / "live" / "assets" / "controls"
ALL = (*keys.SHORTCUTS, *keys.TALK_SHORTCUTS)


def test_the_commands_of_the_keys_are_those_of_javascript_and_the_orders():
    table = re.search(r"const commands = \{(.*?)\n  \};", (CONTROLS / "commands.js").read_text(), re.DOTALL)[1]
    handled = set(re.findall(r"^ +(\w+):", table, re.MULTILINE))
    handled |= {f"panel {i}" for i in range(1, keys.MAX_PANEL_KEYS + 1)} | set(keys.PAGE_COMMANDS)
    assert {each.command for each in ALL} - handled <= set(ORDERS)
    assert handled <= {each.command for each in ALL}, "every command has a key"


def test_the_page_executes_its_commands_and_the_row_has_a_key_for_each_regularizer():
    assert set(page_commands.commands(())) == set(keys.PAGE_COMMANDS)
    assert len(keys.REGULARIZERS) == len(CHOICES)
    for name, choice in zip(keys.REGULARIZERS[:-1], CHOICES[:-1], strict=True):
        assert name.lower().startswith(choice.lower())


def test_no_key_has_two_commands_in_one_mode():
    for shortcuts in (keys.SHORTCUTS, keys.TALK_SHORTCUTS):
        keys_of_mode = [key for each in shortcuts for key in each.keys]
        assert len(keys_of_mode) == len(set(keys_of_mode))


def test_the_browser_gets_the_commands_and_labels_of_the_keys():
    data = keys.mount_data()
    assert data["board"]["b"] == data["board"][" "] == "toggle"
    assert (data["board"]["PageDown"], data["talk"]["PageDown"], data["talk"]["F5"]) == ("step", "next", "leave")
    assert data["labels"]["step"] == "., →", "in talk mode PageDown has another command"
    buttons = re.findall(r'addButton\("[^"]+", "(\w+)"\)', (CONTROLS / "talk.js").read_text())
    assert len(buttons) == 8
    assert data["page"] == list(keys.PAGE_COMMANDS)
    assert len(data["help"]) == len(ALL)
    assert set(buttons) <= set(data["labels"])


def test_javascript_contains_no_key_except_space():
    # a sign may be a label, and Escape closes a menu
    names = {key for each in ALL for key in each.keys if key.isalnum()} - {"Escape"}
    for file in CONTROLS.glob("*.js"):
        assert names.isdisjoint(re.findall(r"""["']([^"']+)["']""", file.read_text())), file.name


def test_the_help_list_has_every_key():
    rows = keys.shortcuts_table().splitlines()[2:]
    assert len(rows) == len(ALL)
    for row, shortcut in zip(rows, ALL, strict=True):
        assert all(f"`{keys.key_label(key)}`" in row for key in shortcut.keys)
