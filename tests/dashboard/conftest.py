"""Fixtures: a real server, real workers, and pages without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.live.hub import close_hub, get_hub
from dashboard.state.settings import links
from tests.dashboard.app_pages import compared_runs, shown_run
from tests.dashboard.serving import ROOT, STREAMLIT, Server
from tests.slowing import PATIENCE


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server, started as in the README, for all tests that only read from it."""
    server = Server(*STREAMLIT, "--server.port={port}")
    yield server
    server.close()


@pytest.fixture(scope="module")
def workers() -> Iterator[None]:
    """End the worker processes after the last test of the module."""
    yield
    close_hub()


@pytest.fixture
def no_spare(workers: None) -> None:
    """Close the spare worker: it would have the environment of an earlier test."""
    if (process := get_hub().manager.spare.close()) is not None:
        process.close()


@pytest.fixture
def open_page(workers: None) -> Iterator[Callable[..., AppTest]]:
    """Return a function that opens a page; an exception on a page fails the test."""
    pages: list[AppTest] = []

    def open_one(run: str | None = None, first: bool = False, **query: str | list[str]) -> AppTest:
        if run is None and not first and not query.keys() & set(links.NAMES):
            query = {"l2": "1.0", **query}  # the demonstration; the page itself starts with `first_config`
        page = AppTest.from_file(str(ROOT / "dashboard" / "ui.py"), default_timeout=30 * PATIENCE)
        if run is not None:
            page.query_params["run"] = run
        page.query_params.update(query)
        pages.append(page)
        return page.run()

    yield open_one
    for page in pages:
        assert not page.exception
        if run := shown_run(page):
            get_hub().manager.stop(run)
        for run in compared_runs(page):
            get_hub().manager.stop(run)
