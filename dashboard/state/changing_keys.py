"""Keys of widgets that show a setting in a second place: another key after every change of the value.

A browser may send the value from before a change once more, which would take the change back. With another key it is
the value of a widget that is gone.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

_DRAWN = "changing_keys"  # (value, number of changes) by the name of the widget


def key_of(name: str, value: str) -> str:
    """Return the key of the widget `name`, which shows `value` in this script run."""
    drawn = st.session_state.setdefault(_DRAWN, {})
    last_value, changes = drawn.get(name, (value, 0))
    drawn[name] = value, changes + (value != last_value)
    return f"{name}.{drawn[name][1]}"


def chosen_value(key: str) -> Any:
    """Return the value that the user has chosen in the widget with a key."""
    return st.session_state[key]
