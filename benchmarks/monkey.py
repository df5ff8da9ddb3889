"""Random actions on the page: `python -m benchmarks.monkey [--minutes 3] [--seed 1]`.

Clicks, types and presses keys at random in Chromium while runs train (tests/browser/monkey.py). The command exits with
1 at the first error of the page or the server, and prints the seed and the last actions.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter

import click
from playwright.sync_api import sync_playwright

from tests.browser.board import open_board, press
from tests.browser.conftest import CHROMIUM, Server
from tests.browser.monkey import Monkey


@click.command()
@click.option("--minutes", default=3.0, help="How long to act.", show_default=True)
@click.option("--seed", default=1, help="Of the actions.", show_default=True)
@click.option("--verbose", is_flag=True, help="Print each action.")
def main(minutes: float, seed: int, verbose: bool) -> None:
    """Act at random until an error occurs or the time is up."""
    with tempfile.TemporaryDirectory() as home:
        server = Server(environment={"REGSCOPE_HOME": home})
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
                page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
                open_board(page, server.url)
                press(page, "Start")
                monkey = Monkey(page, server, seed)
                end = time.monotonic() + 60 * minutes
                while time.monotonic() < end:
                    monkey.act()
                    if verbose:
                        click.echo(monkey.actions[-1])
        except AssertionError as error:
            click.echo(error)
            sys.exit(1)
        finally:
            server.close()
    counts = Counter(action.split()[0].rstrip(":") for action in monkey.actions)
    click.echo(
        f"{len(monkey.actions)} actions, no error: " + ", ".join(f"{n} {kind}" for kind, n in counts.most_common())
    )


if __name__ == "__main__":
    main()
