"""The cache of a dialog: results are computed once per session until the dialog closes."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state import dialogs
from dashboard.state.dialog_cache import cached_call


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch):
    """Return a function that switches to the session with a name."""
    sessions: dict[str, dict] = {}

    def switch(name: str) -> None:
        monkeypatch.setattr("streamlit.session_state", sessions.setdefault(name, {}))

    switch("one")
    return switch


calls: list[tuple] = []


def doubled(*arguments: float) -> list[float]:
    calls.append(arguments)
    return [2 * each for each in arguments]


def negated(*arguments: float) -> list[float]:
    calls.append(arguments)
    return [-each for each in arguments]


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


def test_a_result_is_computed_again_only_for_other_arguments(session):
    assert cached_call(doubled, 1, 2) == cached_call(doubled, 1, 2) == [2, 4]
    assert calls == [(1, 2)]
    assert cached_call(doubled, 3) == [6]
    assert cached_call(doubled, 1, 2) == [2, 4]
    assert calls == [(1, 2), (3,), (1, 2)]


def test_two_functions_with_the_same_arguments_have_separate_results(session):
    assert (cached_call(doubled, 1), cached_call(negated, 1), cached_call(doubled, 1)) == ([2], [-1], [2])
    assert calls == [(1,), (1,)]


def test_another_session_does_not_get_the_result(session):
    first = cached_call(doubled, 1)
    session("other")
    assert cached_call(doubled, 1) is not first
    session("one")
    assert cached_call(doubled, 1) is first


def test_closing_the_dialog_removes_the_results(session):
    cached_call(doubled, 1)
    dialogs.close()
    cached_call(doubled, 1)
    assert calls == [(1,), (1,)]


def test_an_error_is_not_cached(session):
    def fails() -> None:
        calls.append(())
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            cached_call(fails)
    assert len(calls) == 2


def show_twice() -> None:
    from dashboard.state.dialog_cache import cached_call
    from tests.dashboard.state.test_dialog_cache import doubled

    cached_call(doubled, 5)


def test_on_a_page_the_result_stays_over_script_runs():
    page = AppTest.from_function(show_twice)
    page.run()
    page.run()
    assert not page.exception
    assert calls == [(5,)]
    AppTest.from_function(show_twice).run()
    assert calls == [(5,), (5,)], "another session"
