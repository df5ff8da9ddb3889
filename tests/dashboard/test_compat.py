"""The private parts of Streamlit that the dashboard uses: place, signature and behaviour."""

from __future__ import annotations

import inspect

import pytest
import streamlit as st
from streamlit.runtime import scriptrunner
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest
from streamlit.web.server import server_util
from streamlit.web.server.starlette import starlette_websocket

from dashboard import _compat
from tests.slowing import PATIENCE


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_the_script_run_context_still_has_its_place_and_signature():
    assert parameters(scriptrunner.get_script_run_ctx) == ["suppress_warning"]
    assert scriptrunner.get_script_run_ctx(suppress_warning=True) is None, "this is not a script run"


def test_a_script_run_still_has_the_flag_of_a_navigation_in_the_history():
    field = ScriptRunContext.__dataclass_fields__["is_history_navigation"]
    assert (field.type, field.default) == ("bool", False)


def test_the_check_of_origins_still_has_its_place_and_signature():
    assert parameters(server_util.is_url_from_allowed_origins) == ["url"]
    assert server_util.is_url_from_allowed_origins("http://localhost:8501") is True


def test_the_check_of_hosts_still_has_its_place_and_signature():
    assert parameters(starlette_websocket.is_host_allowed) == ["host"]
    assert starlette_websocket.is_host_allowed("localhost:8501") is True


def test_outside_of_a_script_run_there_is_no_navigation():
    assert _compat.went_back_or_forward() is False


@pytest.mark.parametrize("navigated", [False, True])
def test_the_back_button_is_seen_in_a_script_run(navigated):
    def script(navigated: bool) -> None:
        import streamlit as st
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        from dashboard import _compat

        get_script_run_ctx().is_history_navigation = navigated
        st.write(f"back: {_compat.went_back_or_forward()}")

    page = AppTest.from_function(script, args=(navigated,), default_timeout=30 * PATIENCE).run()
    assert not page.exception
    assert [each.value for each in page.markdown] == [f"back: {navigated}"]


def test_origins_and_hosts_follow_the_options_of_the_server(monkeypatch):
    # for a foreign origin Streamlit looks up the address of this machine on the internet; here it is given
    monkeypatch.setattr(st.net_util, "_external_ip", "203.0.113.1")
    assert _compat.is_allowed_origin("http://localhost:1234")
    assert not _compat.is_allowed_origin("https://elsewhere.example")
    with pytest.raises(ValueError, match="IPv6"):
        _compat.is_allowed_origin("http://[")
    assert _compat.is_allowed_host("127.0.0.1:8501")


def test_every_option_that_the_routes_read_is_there():
    assert isinstance(st.get_option("server.baseUrlPath"), str)
