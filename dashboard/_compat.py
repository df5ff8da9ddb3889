"""Wrappers of private functions of Streamlit. No other file imports private parts of Streamlit.

tests/dashboard/test_compat.py fails if one of these functions moves or changes, and for a Streamlit newer than
`CHECKED_STREAMLIT`. Users may install a newer one: without a private part, only the feature that needs it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

from streamlit import config

try:
    from streamlit.runtime.scriptrunner import get_script_run_ctx
except ImportError:  # another Streamlit than the checked one; mypy reads only the installed one
    get_script_run_ctx = None  # type: ignore[assignment]

__all__ = [
    "CHECKED_STREAMLIT",
    "bound_parameters",
    "copy_session_keys_safely",
    "drop_uploaded_files",
    "release_bound_parameters",
    "set_allowed_hosts",
    "set_parameter_without_message",
    "uninterrupted",
    "uninterrupted_callbacks",
    "went_back_or_forward",
]

MAX_KEY_COPIES = 20
CHECKED_STREAMLIT = "1.67"  # the release that the private parts below were checked against

# What a private part that is missing, or that has another signature or other contents, raises.
_OTHER_STREAMLIT = (AttributeError, TypeError, KeyError, ValueError)


def went_back_or_forward() -> bool:
    """Return whether the browser's back or forward button caused this script run.

    Returns:
        False outside of script runs, and with a Streamlit that does not have this information: then the sidebar does
        not follow the back button.
    """
    if get_script_run_ctx is None:
        return False
    context = get_script_run_ctx(suppress_warning=True)
    return bool(getattr(context, "is_history_navigation", False))


def bound_parameters() -> dict[str, list[str]]:
    """Return the query parameters in the address that are bound to widgets (`bind="query-params"`), with their values.

    Returns:
        nothing outside of script runs, and with a Streamlit that does not have this information: then a change of the
        page is two entries in the history of the browser.
    """
    context = get_script_run_ctx(suppress_warning=True) if get_script_run_ctx is not None else None
    try:
        with context.session_state.query_params() as query:  # type: ignore[union-attr]
            return {name: query.get_all(name) for name in query if query.is_bound(name)}
    except _OTHER_STREAMLIT:
        return {}


def release_bound_parameters() -> dict[str, list[str]]:
    """Remove the bound parameters from the address and return them; the browser gets the next change of the address.

    A widget that is on the page in this script run is bound again.
    """
    parameters = bound_parameters()
    context = get_script_run_ctx(suppress_warning=True) if get_script_run_ctx is not None else None
    try:
        with context.session_state.query_params() as query:  # type: ignore[union-attr]
            for name in parameters:
                query.unbind_widget(query.get_binding_for_param(name).widget_id)  # type: ignore[union-attr]
                query.discard_param_no_forward_msg(name)
    except _OTHER_STREAMLIT:
        pass  # the parameters stay in the address: the change of the page is two entries in the history
    return parameters


def set_parameter_without_message(name: str, texts: Sequence[str]) -> bool:
    """Set a query parameter for this script run; the browser, which has it already, gets no message.

    Args:
        name: the parameter. texts: its texts; none removes it.

    Returns:
        False outside of script runs, and with a Streamlit that cannot do this.
    """
    context = get_script_run_ctx(suppress_warning=True) if get_script_run_ctx is not None else None
    try:
        with context.session_state.query_params() as query:  # type: ignore[union-attr]
            if texts:
                query.set_with_no_forward_msg(name, list(texts))
            else:
                query.discard_param_no_forward_msg(name)
    except _OTHER_STREAMLIT:
        return False
    return True


def copy_session_keys_safely() -> None:
    """Let Streamlit list the keys of a session again if another thread adds one meanwhile.

    When a page is loaded again, the script run before is still ending. Each run has a lock of its own, and a slider
    copies the state of the session: in a soak of half an hour this raised an error once. A second call does nothing.
    With another Streamlit the error stays possible, in the log of a run that ends.
    """
    try:
        from streamlit.runtime.state.session_state import SessionState

        original = SessionState._keys
    except (ImportError, AttributeError):
        return
    if getattr(original, "retries", False):
        return

    def keys(self: SessionState) -> set[str]:
        for _ in range(MAX_KEY_COPIES - 1):
            try:
                return original(self)
            except RuntimeError:
                continue
        return original(self)

    keys.retries = True  # type: ignore[attr-defined]
    SessionState._keys = keys  # type: ignore[method-assign]


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let no other request of the page interrupt this part of a script run or of a callback.

    Streamlit ends a script run for a newer request wherever the session state is used, also in the middle of a change
    that consists of several. The newer request waits until the part is done. With another Streamlit, or outside of a
    script run, nothing changes.
    """
    context = get_script_run_ctx(suppress_warning=True) if get_script_run_ctx is not None else None
    runner = getattr(getattr(getattr(context, "session_state", None), "_yield_callback", None), "__self__", None)
    if runner is None or getattr(runner, "_execing", None) is not True:
        yield
        return
    runner._execing = False
    try:
        yield
    finally:
        runner._execing = True


def uninterrupted_callbacks() -> None:
    """Let no other request of the page interrupt a callback, so that a click has its whole effect."""
    try:
        from streamlit.runtime.state.safe_session_state import SafeSessionState

        original = SafeSessionState.on_script_will_rerun
    except (ImportError, AttributeError):
        return
    if getattr(original, "is_uninterrupted", False):
        return

    @wraps(original)
    def on_script_will_rerun(self: SafeSessionState, *arguments: Any, **options: Any) -> None:
        with uninterrupted():
            original(self, *arguments, **options)

    on_script_will_rerun.is_uninterrupted = True  # type: ignore[attr-defined]
    SafeSessionState.on_script_will_rerun = on_script_will_rerun  # type: ignore[method-assign]


def set_allowed_hosts(names: Sequence[str]) -> None:
    """Set the host names that Streamlit's own WebSocket answers; `st.set_option` refuses options of the server."""
    config.set_option("server.allowedHosts", list(names))


def drop_uploaded_files(file_ids: Iterable[str]) -> None:
    """Remove uploaded files of this session from the memory of the server; others are ignored.

    Streamlit keeps them until the page is closed. Outside of script runs, and with a Streamlit that cannot remove
    single files, they stay until then.
    """
    context = None if get_script_run_ctx is None else get_script_run_ctx(suppress_warning=True)
    remove = getattr(getattr(context, "uploaded_file_mgr", None), "remove_file", None)
    if context is not None and remove is not None:
        for file_id in file_ids:
            remove(session_id=context.session_id, file_id=file_id)
