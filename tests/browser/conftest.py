"""Fixtures: a real server, a real Chromium, and pages that load single modules without a server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from engine.runs.store.store import Store
from tests import slowing
from tests.conftest import skip_or_fail
from tests.dashboard import serving

playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")

DASHBOARD = Path(__file__).parents[2] / "dashboard"
ORIGIN = "http://modules.test"

# The lines are those that were measured: a test of smoothed lines switches that on.
MEASURED_LINES = """
  try {
    for (const panel of ["cost", "accuracy", "costs", "accuracies", "gaps"]) {
      localStorage.setItem(`regscope.${panel}.smooth`, "off");
    }
  } catch {} // a page without storage
"""
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
    """`streamlit run dashboard/app.py` on a free port by default, as in the README."""

    def __init__(self, *options: str, environment: dict[str, str] | None = None, port: int | None = None) -> None:
        super().__init__(*serving.STREAMLIT, "--server.port={port}", *options, environment=environment, port=port)


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


def pause_runs(page: object) -> None:
    """Pause the runs of the page, so that they do not slow down the next test."""
    page.evaluate(
        "() => [...document.querySelectorAll('button')].find((each) =>"
        " ['Pause', 'Pause all'].includes(each.innerText.trim()) && !each.disabled)?.click()"
    )


def clear_storage(page: object) -> None:
    """Leave the page, then clear its storage: the page may store its state when it is left."""
    parts = urlsplit(page.url)
    empty = f"{parts.scheme}://{parts.netloc}/empty"
    page.route(empty, lambda route: route.fulfill(body="", content_type="text/html"))  # the server may have ended
    page.goto(empty)
    page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.unroute_all(behavior="ignoreErrors")
    page.goto("about:blank")


SIZE = {"width": 1280, "height": 720}


@pytest.fixture(scope="session")
def tab(chromium) -> Iterator[object]:
    """One tab that all tests share.

    A new tab compiles the JavaScript of the page again, which takes two seconds per test.
    """
    context = chromium.new_context(viewport=SIZE)
    context.add_init_script(MEASURED_LINES)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(tab) -> Iterator[object]:
    """The shared tab at 1280 × 720 with empty storage; a JavaScript error of the page fails the test."""
    errors: list[str] = []

    def keep_error(error: object) -> None:
        errors.append(str(error))

    tab.on("pageerror", keep_error)
    yield tab
    tab.remove_listener("pageerror", keep_error)
    tab.unroute_all(behavior="ignoreErrors")
    tab.context.unroute_all(behavior="ignoreErrors")
    tab.emulate_media(color_scheme="light")
    tab.set_viewport_size(SIZE)
    address = tab.url
    if address.startswith("http"):
        pause_runs(tab)
        clear_storage(tab)
    assert not errors, f"the JavaScript of {address} raised: {errors}"


@pytest.fixture
def ignored_error() -> str | None:
    """A part of an error of `new_tab` that is ignored; a test file may define another one, with the reason."""
    return None


@pytest.fixture
def new_tab(chromium, ignored_error) -> Iterator[object]:
    """A tab for one test: it has an empty cache and history, sockets can be replaced, and scripts added."""
    context = chromium.new_context(viewport=SIZE)
    context.add_init_script(MEASURED_LINES)
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    yield tab
    context.close()
    errors = [error for error in errors if ignored_error is None or ignored_error not in error]
    assert not errors, f"the JavaScript of the page raised: {errors}"


# Fakes of what a page gets from outside: Plotly records its data and listeners, and WebSocket opens no connection.
FAKES = """
  window.Plotly = {
    drawn: [],
    react(chart, data, layout, options) {
      chart.handlers ??= {};
      const on = (name, handler) => (chart.handlers[name] ??= []).push(handler);
      Object.assign(chart, { data, layout, on, options: options ?? chart.options });
      this.drawn.push(data);
    },
    purge() {},
    Plots: { resize() {} },
  };
  window.sockets = [];
  window.WebSocket = class {
    static OPEN = 1;
    readyState = 1;
    sent = [];
    constructor(url) { this.url = String(url); window.sockets.push(this); }
    send(text) { this.sent.push(JSON.parse(text)); }
    close() {}
  };
  window.spec = (name = "one", traces = 1) => {
    const data = Array.from({ length: traces }, () => ({ x: [], y: [] }));
    const figure = JSON.stringify({ data, layout: { font: {}, margin: { l: 30, r: 3, t: 3, b: 30 } } });
    const figures = { light: figure, dark: figure };
    const parts = { look: "", about: [], choices: [], large: false, legend: "none", smooth: null };
    return { name, title: `Panel ${name}`, ...parts, figures };
  };
"""


@pytest.fixture(scope="module")
def modules_page(chromium) -> Iterator[object]:
    context = chromium.new_context()
    page = context.new_page()

    def serve(route) -> None:
        path = route.request.url.removeprefix(ORIGIN + "/")
        if path.endswith(".js") and (DASHBOARD / path).is_file():
            body = (DASHBOARD / path).read_text(encoding="utf-8")
            route.fulfill(body=body, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><body></body>", content_type="text/html")

    page.route(ORIGIN + "/**", serve)
    page.add_init_script(FAKES)
    yield page
    context.close()


@pytest.fixture
def run(modules_page):
    """Return a function that runs JavaScript on a new page.

    In the JavaScript, `load` imports a module by its path in the dashboard folder.
    """
    modules_page.goto(ORIGIN + "/")
    modules_page.evaluate("localStorage.clear()")

    def evaluate(body: str, argument: object = None) -> object:
        load = f"const load = (path) => import('{ORIGIN}/' + path + '.js');"
        return modules_page.evaluate(f"async (argument) => {{ {load} {body} }}", argument)

    return evaluate


# a server with its own store


@pytest.fixture
def home(tmp_path) -> dict[str, str]:
    return {"REGSCOPE_HOME": str(tmp_path / "home")}


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "home" / "runs.sqlite")


@pytest.fixture
def own_server(home, store) -> Iterator[Server]:
    """A server with its own store."""
    server = Server(environment=home)
    yield server
    server.close()


@pytest.fixture
def own_page(page, own_server) -> object:
    """The shared tab, after `own_server` has started; a test opens an address of `own_server`."""
    return page
