"""Memory and disk in a real browser: uploads are dropped, and deleted runs are deleted for good."""

from __future__ import annotations

import urllib.request

import pytest

from tests.browser.board import open_board, until
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CSV = ("a,b,label\n" + "".join(f"{k * 0.37 % 1:.6f},{k % 7},{k % 2}\n" for k in range(6_000))).encode()


@pytest.fixture
def home(home, tmp_path):
    return home | {"REGSCOPE_DATA": str(tmp_path / "data")}


def uploaded_bytes(server) -> int:
    """Return the bytes of uploaded files in the memory of a server, as Streamlit counts them."""
    with urllib.request.urlopen(f"{server.url}/_stcore/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return sum(int(line.split()[-1]) for line in lines if "UploadedFileManager" in line and not line.startswith("#"))


def give_file(page) -> None:
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("input[type=file]").first.set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": CSV})
    page.get_by_role("button", name="Use this data").wait_for()


@pytest.mark.parametrize("end", ["Use this data", "Escape"])
def test_an_uploaded_file_leaves_the_memory_of_the_server(own_page, own_server, end):
    open_board(own_page, own_server.url)
    give_file(own_page)
    until(lambda: uploaded_bytes(own_server) == len(CSV), "the file is in the memory")  # Streamlit updates it late
    if end == "Escape":
        own_page.keyboard.press("Escape")
    else:
        own_page.get_by_role("button", name=end).click()
    until(lambda: uploaded_bytes(own_server) == 0, "the file is dropped")


def test_a_network_that_does_not_fit_is_refused_with_the_way_out(own_page, own_server):
    """Ten layers of 10,000 neurons need about 58 GB."""
    open_board(own_page, f"{own_server.url}/?hidden=100")
    own_page.get_by_role("textbox", name="Hidden layers").fill(", ".join(["10000"] * 10))
    own_page.keyboard.press("Enter")
    own_page.get_by_text("Hidden layers must need at most half of the free memory").wait_for()
    assert own_page.get_by_role("button", name="Start", exact=True).is_disabled()


def test_deleted_runs_are_deleted_for_good(own_page, own_server, store):
    gone, kept = train_run(store, small(hidden=(300, 300))), train_run(store, small(seed=2))
    store.delete([gone])
    own_page.goto(f"{own_server.url}/?view=runs")
    own_page.get_by_text("Deleted, for a day (1)").click()
    own_page.get_by_role("button", name="Delete all for good").click()
    own_page.get_by_role("dialog").get_by_role("button", name="Delete for good", exact=True).click()
    until(lambda: store.load(gone) is None, "the run is gone")
    own_page.get_by_text("Deleted, for a day").wait_for(state="detached")
    assert [about.id for about in store.list()] == [kept]
