"""Keys that change with the value of their widget."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from dashboard.state.changing_keys import chosen_value, key_of

    keys = [key_of("one", value) for value in ("a", "a", "b", "b", "a")]
    st.session_state[keys[0]] = "chosen"
    st.session_state["found"] = [keys, key_of("two", "b"), chosen_value(keys[1])]


def test_a_key_is_another_one_after_every_change_and_of_every_widget():
    page = AppTest.from_function(script).run()
    keys, other, chosen = page.session_state["found"]
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert len({*keys, other}) == 4, "a value that comes back has another key than before"
    assert chosen == "chosen"
