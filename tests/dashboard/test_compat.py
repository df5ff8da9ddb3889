"""The private parts of Streamlit that the dashboard uses: module, signature and behaviour."""

from __future__ import annotations

import inspect
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit import config
from streamlit.runtime import scriptrunner
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.runtime.state import session_state
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette import starlette_websocket

from dashboard import _compat
from tests.slowing import PATIENCE

ROOT = Path(__file__).parents[2]


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_the_private_parts_were_checked_against_the_installed_release():
    installed = ".".join(st.__version__.split(".")[:2])
    assert installed == _compat.CHECKED_STREAMLIT, (
        f"Streamlit {installed}: run the tests of this file and tests/browser, then set CHECKED_STREAMLIT in _compat.py"
    )


WITHOUT_PRIVATE_PART = """
import streamlit.runtime.scriptrunner as scriptrunner
del scriptrunner.get_script_run_ctx
from dashboard import _compat, app
assert _compat.went_back_or_forward() is False
"""


def test_the_program_starts_if_the_private_part_is_missing():
    subprocess.run([sys.executable, "-c", WITHOUT_PRIVATE_PART], cwd=ROOT, check=True)


def test_a_context_without_the_flag_is_not_a_navigation(monkeypatch):
    monkeypatch.setattr(_compat, "get_script_run_ctx", lambda suppress_warning: object())
    assert _compat.went_back_or_forward() is False


def test_the_script_run_context_has_the_expected_module_and_signature():
    assert parameters(scriptrunner.get_script_run_ctx) == ["suppress_warning"]
    assert scriptrunner.get_script_run_ctx(suppress_warning=True) is None, "there is no context outside of a script run"


def test_a_script_run_context_has_the_flag_of_a_history_navigation():
    field = ScriptRunContext.__dataclass_fields__["is_history_navigation"]
    assert (field.type, field.default) == ("bool", False)


def test_an_option_of_the_server_can_be_set():
    assert parameters(config.set_option)[:2] == ["key", "value"]
    before = st.get_option("server.allowedHosts")
    try:
        _compat.set_allowed_hosts(["one.example", "*.two.example"])
        assert starlette_websocket.is_host_allowed("one.example:8501")
        assert starlette_websocket.is_host_allowed("a.two.example")
        assert not starlette_websocket.is_host_allowed("localhost:8501")
    finally:
        _compat.set_allowed_hosts(before)


def test_outside_of_a_script_run_there_is_no_navigation():
    assert _compat.went_back_or_forward() is False


@pytest.mark.parametrize("navigated", [False, True])
def test_the_back_button_is_recognized_in_a_script_run(navigated):
    def script(navigated: bool) -> None:
        import streamlit as st
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        from dashboard import _compat

        get_script_run_ctx().is_history_navigation = navigated
        st.write(f"back: {_compat.went_back_or_forward()}")

    page = AppTest.from_function(script, args=(navigated,), default_timeout=30 * PATIENCE).run()
    assert not page.exception
    assert [each.value for each in page.markdown] == [f"back: {navigated}"]


def interrupted_script() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx
    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

    from dashboard import _compat

    def change_two() -> None:
        get_script_run_ctx().session_state._yield_callback.__self__.request_rerun(RerunData())  # another click
        st.session_state["first"] = 1
        st.session_state["second"] = 2

    st.button("In a callback", on_click=change_two)
    if st.button("In the script"):
        with _compat.uninterrupted():
            change_two()


@pytest.mark.parametrize("place", ["In a callback", "In the script"])
def test_another_click_does_not_interrupt_a_change(place):
    _compat.uninterrupted_callbacks()
    page = AppTest.from_function(interrupted_script).run()
    next(button for button in page.button if button.label == place).click().run()
    assert (page.session_state["first"], page.session_state["second"]) == (1, 2)


def test_every_option_that_is_read_exists():
    for name in ("server.baseUrlPath", "browser.serverAddress"):
        assert isinstance(st.get_option(name), str)
    for name in ("server.allowedHosts", "server.corsAllowedOrigins"):
        assert isinstance(st.get_option(name), list | tuple)
    assert st.get_option("server.enableCORS") is True
    assert st.get_option("server.address") is None or isinstance(st.get_option("server.address"), str)
    assert isinstance(st.get_option("server.port"), int)


def test_the_parameters_of_bound_widgets_are_released_without_a_message():
    """The next change of the address contains the removal, so that both are one entry in the history."""

    def script() -> None:
        import streamlit as st

        from dashboard import _compat

        st.text_input("Name", key="name", bind="query-params")
        st.write(f"bound: {_compat.bound_parameters()}")
        st.write(f"released: {_compat.release_bound_parameters()}")
        st.write(f"left: {st.query_params.to_dict()} {_compat.bound_parameters()}")
        st.query_params.update({"name": "b"})  # Streamlit refuses this for a bound parameter

    page = AppTest.from_function(script, default_timeout=30 * PATIENCE)
    page.query_params.update({"name": "a", "other": "c"})
    page.run()
    assert not page.exception
    bound = "{'name': ['a']}"
    assert [each.value for each in page.markdown] == [
        f"bound: {bound}",
        f"released: {bound}",
        "left: {'other': 'c'} {}",
    ]


def test_without_the_private_part_no_parameter_is_known(monkeypatch):
    assert _compat.bound_parameters() == _compat.release_bound_parameters() == {}, "this is not a script run"
    assert not _compat.set_parameter_without_message("run", ["0"])
    monkeypatch.setattr(_compat, "get_script_run_ctx", lambda suppress_warning: object())
    assert _compat.bound_parameters() == _compat.release_bound_parameters() == {}


@pytest.mark.parametrize("error", [AttributeError, TypeError, KeyError])
def test_a_private_part_with_another_signature_costs_one_feature_only(monkeypatch, error):
    class Query(dict):
        def is_bound(self, name):
            return True

        def get_all(self, name):
            return [self[name]]

        def get_binding_for_param(self, *_):
            raise error("another release of Streamlit")

    query = nullcontext(Query(layout="dropout"))
    context = SimpleNamespace(session_state=SimpleNamespace(query_params=lambda: query))
    monkeypatch.setattr(_compat, "get_script_run_ctx", lambda suppress_warning: context)
    assert _compat.release_bound_parameters() == {"layout": ["dropout"]}


def test_the_keys_of_a_session_are_listed_again_if_another_thread_adds_one(monkeypatch):
    """Streamlit's own list fails if a key is added while it is made; here the first three attempts fail."""
    monkeypatch.setattr(session_state.SessionState, "_keys", session_state.SessionState._keys)
    attempts = []

    def failing(self):
        attempts.append(1)
        if len(attempts) < 4:
            raise RuntimeError("dictionary changed size during iteration")
        return {"key"}

    monkeypatch.setattr(session_state.SessionState, "_keys", failing)
    _compat.copy_session_keys_safely()
    _compat.copy_session_keys_safely()
    assert session_state.SessionState()._keys() == {"key"}
    assert len(attempts) == 4
    attempts.clear()
    monkeypatch.setattr(_compat, "MAX_KEY_COPIES", 2)
    with pytest.raises(RuntimeError, match="changed size"):
        session_state.SessionState()._keys()
