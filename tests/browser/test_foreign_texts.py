"""Addresses in names, notes and files of other people are shown as text and not as links in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.data import keep, read_csv
from engine.runs.store.store import Store
from tests.browser.board import until
from tests.browser.conftest import Server
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADDRESSES = "https://evil.example/x www.evil.example me@evil.example"
# the page's own links, for example to its main part, contain the address of the page
LINKS = """[...document.querySelectorAll('a[href]')]
    .filter(link => link.protocol === 'mailto:' || link.hostname.includes('evil')).map(link => link.href)"""
ROWS = "\n".join(f"{k},{k * k % 7},{'AB'[k % 2]}" for k in range(60))


@pytest.fixture
def own_server(tmp_path, monkeypatch) -> Iterator[Server]:
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path / "data"))
    environment = {"REGSCOPE_HOME": str(tmp_path / "home"), "REGSCOPE_DATA": str(tmp_path / "data")}
    server = Server(environment=environment)
    yield server
    server.close()


def test_addresses_in_texts_of_other_people_are_not_links(page, own_server, tmp_path):
    store = Store(tmp_path / "home" / "runs.sqlite")
    content = f"https://evil.example/a,me@evil.example,label\n{ROWS}".replace("A", "www.evil.example").encode()
    dataset = keep(read_csv(content, title=ADDRESSES))
    runs = [train_run(store, small(seed=seed)) for seed in (1, 2, 3)]
    for run in runs:
        store.set_description(run, name=f"{run[:4]} {ADDRESSES}", note=ADDRESSES, tags=["www.evil.example"])
    store.delete(runs[2:])
    texts = {
        "view=runs": "Deleted, for a day",
        f"view=compare&runs={runs[0]},{runs[1]}": "me@",
        f"dataset={dataset}": "Train",
        f"dataset={ADDRESSES.replace(' ', '%20')}": "evil.example",
    }
    for query, text in texts.items():
        page.goto(f"{own_server.url}/?{query}")
        until(lambda text=text: text in page.locator("body").inner_text(), f"{query} is drawn")
        if query == "view=runs":
            page.get_by_text("Deleted, for a day").click()
            until(lambda: "evil.example" in page.locator("body").inner_text(), "the names are drawn")
        page.wait_for_load_state("networkidle")
        assert page.evaluate(LINKS) == [], query
