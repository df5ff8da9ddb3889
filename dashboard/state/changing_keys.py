"""Keys of widgets that show a value which the program changes, too: another key after every such change.

A browser may send the value from before a change once more, which would take the change back. With another key it is
the value of a widget that is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

_CHANGES = "changing_keys"  # number of changes by the name of the widget


def key_of(name: str, value: str) -> str:
    """Return the key of the widget `name`, which shows `value` in this script run.

    It stays the same when the user chooses a value, so that the widget keeps the focus.
    """
    changes = st.session_state.setdefault(_CHANGES, {})
    key = f"{name}.{changes.get(name, 0)}"
    if st.session_state.get(key, value) == value:
        return key
    changes[name] = changes.get(name, 0) + 1
    return f"{name}.{changes[name]}"


def pass_choice(key: str, action: Callable[[Any], None]) -> None:
    """Call `action` with the value that the user has chosen; the callback of the widget with a key of `key_of`.

    A late request may hold the value of a widget that is gone. It has no effect.
    """
    name, changes = key.rsplit(".", 1)
    if int(changes) == st.session_state.get(_CHANGES, {}).get(name, 0):
        action(st.session_state[key])
