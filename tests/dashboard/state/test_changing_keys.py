"""Keys that change with the value of their widget."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from dashboard.state.changing_keys import key_of, pass_choice

    def drawn(name: str, value: str) -> str:
        st.session_state[key := key_of(name, value)] = value  # as a widget does
        return key

    keys = [drawn("one", value) for value in ("a", "a", "b", "b", "a")]
    st.session_state[keys[-1]] = "chosen"
    chosen: list[str] = []
    pass_choice(keys[-1], chosen.append)
    pass_choice(keys[0], chosen.append)  # of a widget that is gone
    st.session_state["found"] = [keys, drawn("two", "b"), chosen, key_of("one", "chosen")]


def test_a_key_is_another_one_after_every_change_and_of_every_widget():
    page = AppTest.from_function(script).run()
    keys, other, chosen, key_after_choice = page.session_state["found"]
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert len({*keys, other}) == 4, "a value that comes back has another key than before"
    assert chosen == ["chosen"]
    assert key_after_choice == keys[-1], "a choice in the widget itself does not draw it again"
