"""A real server and a real Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests import slowing
from tests.conftest import skip_or_fail
from tests.dashboard import serving

playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Server(serving.Server):
    """`streamlit run dashboard/app.py`, as the README starts it, on a free port."""

    def __init__(self, *options: str, environment: dict[str, str] | None = None) -> None:
        super().__init__(*serving.STREAMLIT, "--server.port={port}", *options, environment=environment)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        skip_or_fail("install Chromium for the browser tests (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=CHROMIUM)
        slowing.be_patient(browser)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, server) -> Iterator[object]:
    """A page at 1280 × 720; an error in its JavaScript fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, f"the page's JavaScript raised: {errors}"
