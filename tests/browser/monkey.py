"""Random clicks, texts, keys and addresses on the page, from a seed.

The seed decides the actions and the share of the visible elements at which each one aims. What is visible depends on
the speed of the machine too, so the same seed gives similar actions, not always the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import Error as PlaywrightError

from dashboard.live.keys import SHORTCUTS, TALK_SHORTCUTS
from tests.browser.conftest import Server
from tests.browser.server_log import log_errors

LAST_ACTIONS = 25  # in the message of a failure

# What is never clicked: hints, downloads, fetches of data sets, the file chooser, links, and Streamlit's own menu.
AVOIDED_NAMES = "^help|save|export|download|fetch|browse|upload|print|deploy|copy"
AVOIDED_PLACES = (
    "a, [data-testid=stDownloadButton], [data-testid=stFileUploader], [data-testid=stMainMenu],"
    " [data-testid=stToolbar], [data-testid=stElementToolbar], .modebar"
)

# Returns one of the visible elements at the top of the page, scrolled into view: its name and its middle. `share` in
# [0, 1) chooses it. Null if there is none, or if another element covers it.
FIND = """([selector, share, avoidedNames, avoidedPlaces]) => {
  const name = (element) => (element.getAttribute('aria-label') || element.innerText || element.placeholder
    || element.closest('label')?.innerText || element.tagName).trim().split('\\n')[0].slice(0, 40);
  const dialogs = [...document.querySelectorAll('[role=dialog]')];
  const place = dialogs.at(-1) ?? document;
  const found = [...place.querySelectorAll(selector)].filter((element) => element.checkVisibility(
      { visibilityProperty: true, opacityProperty: true }) && element.getClientRects().length
    && !element.disabled && !element.closest(avoidedPlaces) && !new RegExp(avoidedNames, 'i').test(name(element)));
  if (!found.length) return null;
  const element = found[Math.floor(share * found.length)];
  element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const { left, top, width, height } = element.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + height / 2];
  const hit = document.elementFromPoint(x, y);
  return hit && (element.contains(hit) || hit.contains(element)) ? { name: name(element), x, y } : null;
}"""
MOVE_TIMELINE = """(share) => {
  const slider = document.querySelector('.rs-timeline input');
  if (!slider) return false;
  slider.value = Math.round(share * slider.max);
  slider.dispatchEvent(new Event('input'));
  return true;
}"""

TEXTS = (
    *("0", "1", "3", "0.5", "-1", "1e9", "nan", "30, 30", "30;", "none", "all", "1e-320", "٣", "9" * 400),
    *("", " ", "🙂", "<b>bold</b>", "$x^2$", "[link](http://example.test)", "'; DROP TABLE runs; --", "{}", "\\", "%"),
)
KEYS = (
    *sorted({key for shortcut in (*SHORTCUTS, *TALK_SHORTCUTS) for key in shortcut.keys} - {"F5"}),
    *("Escape", "Enter", "Tab", "Shift+Tab", "Home", "End", "ArrowUp", "ArrowDown", "Backspace", "?", "x"),
)
QUERIES = (
    *("", "?view=compare", "?view=runs", "?view=nowhere", "?dataset=moons&hidden=20,10", "?epochs=3&pace=full"),
    *("?l2=nan&epochs=-1", "?run=0123456789abcdef", "?runs=0123456789abcdef,fedcba9876543210&view=compare"),
    *("?layout=nothing", "?view=compare&compared=Seeds", "?view=compare&compared=Damage", "?activation=relu&l2=0"),
)


class Monkey:
    """Does random actions on one page.

    Args:
        page: a page of Playwright. server: its server. seed: of the actions.

    Attributes:
        actions: descriptions of all actions, in their order.
    """

    def __init__(self, page: Any, server: Server, seed: int) -> None:
        self.actions: list[str] = []
        self._page, self._server, self._seed = page, server, seed
        self._chance = random.Random(seed)
        self._errors: list[str] = []
        page.on("pageerror", lambda error: self._errors.append(f"uncaught JavaScript error: {error}"))
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.on("crash", lambda: self._errors.append("the page crashed"))
        self._run_ids: list[str] = []  # of the boards so far
        self._kinds: list[tuple[int, Callable[[], str]]] = [
            (30, self._click),
            (15, self._control),
            (4, self._choose_row),
            (4, self._open_run),
            (12, self._type),
            (10, self._move_slider),
            (8, self._select),
            (15, self._press_keys),
            (6, self._look_back),
            (4, self._go_through_history),
            (2, self._reload),
            (3, self._open_address),
            (6, self._wait),
            (4, self._click_anywhere),
        ]

    def act(self) -> None:
        """Do one random action.

        Raises:
            AssertionError: if the page or the server has an error afterwards.
        """
        weights = [weight for weight, _ in self._kinds]
        ((_, action),) = self._chance.choices(self._kinds, weights)
        try:
            self.actions.append(action())
        except PlaywrightError as error:  # the page was replaced meanwhile
            self.actions.append(f"{action.__name__.strip('_')}: interrupted ({str(error).splitlines()[0]:.80})")
        self._page.wait_for_timeout(self._chance.choice([0, 20, 100, 300]))
        self.check()

    def check(self) -> None:
        """Raise an `AssertionError` with the last actions if the page or the server has an error."""
        if errors := self.found_errors():
            last = "\n  ".join(self.actions[-LAST_ACTIONS:])
            found = f"seed {self._seed}, after {len(self.actions)} actions: {'; '.join(errors)}"
            raise AssertionError(f"{found}\nthe last actions:\n  {last}")

    def found_errors(self) -> list[str]:
        """Return the errors of the page and of the server so far."""
        errors = list(self._errors)
        with suppress(PlaywrightError):  # the page may be loading
            for box in self._page.locator('[data-testid="stException"]').all():
                errors.append(f"exception on the page: {box.inner_text(timeout=1_000):.2000}")
        return errors + log_errors(self._server.output())

    # actions; each returns its description

    def _find(self, selector: str) -> dict[str, Any] | None:
        arguments = [selector, self._chance.random(), AVOIDED_NAMES, AVOIDED_PLACES]
        found: dict[str, Any] | None = self._page.evaluate(FIND, arguments)
        return found

    def _click_on(self, selector: str) -> str:
        """Click a random element; return its name, or "" if there is none."""
        found = self._find(selector)
        if found is None:
            return ""
        self._page.mouse.click(found["x"], found["y"], click_count=self._chance.choice([1, 1, 1, 2]))
        return str(found["name"]) or "?"

    def _click(self) -> str:
        name = self._click_on('button, [role="radio"], [role="tab"], [role="checkbox"], summary, label:has(input)')
        if not name:
            self._page.keyboard.press("Escape")
        return f"click {name!r}" if name else "click: nothing found, Escape"

    def _control(self) -> str:
        """Click a button above the board: Start, Pause, Step, Reset, a pace, Race, Delete, …"""
        return f"control {self._click_on('.st-key-transport button, .rs-board button, .st-key-first_race button')!r}"

    def _choose_row(self) -> str:
        """Click the box of a row of the table of runs, which is drawn on a canvas."""
        row = self._chance.randrange(5)
        if (table := self._page.locator('[data-testid="stDataFrame"] canvas').first).count():
            box = table.bounding_box(timeout=1_000)
            self._page.mouse.click(box["x"] + 16, box["y"] + 50 + 33 * row)
            return f"choose row {row}"
        return "choose: no table"

    def _open_run(self) -> str:
        """Open an earlier run, or compare some."""
        shown = self._page.evaluate("document.querySelector('[data-regscope-board]')?.dataset.runId ?? ''")
        self._run_ids += [run_id for run_id in shown.split(",") if run_id and run_id not in self._run_ids]
        if not self._run_ids:
            return "open: no run yet"
        run_ids = self._chance.sample(self._run_ids, min(len(self._run_ids), self._chance.randint(1, 4)))
        query = f"?run={run_ids[0]}" if len(run_ids) == 1 else f"?view=compare&runs={','.join(run_ids)}"
        return self._open(query)

    def _click_anywhere(self) -> str:
        x, y = self._chance.randrange(1_280), self._chance.randrange(720)
        hit = self._page.evaluate("([x, y, places]) => !document.elementFromPoint(x, y)?.closest(places)",
                                  [x, y, AVOIDED_PLACES + ", button"])  # fmt: skip
        if hit:
            self._page.mouse.click(x, y)
        return f"click at {x}, {y}" if hit else "nothing"

    def _type(self) -> str:
        name = self._click_on('input[type="text"], input[type="number"], input:not([type]), textarea')
        text = self._chance.choice(TEXTS)
        end = self._chance.choice(["Enter", "Tab", "Escape", "ArrowUp"])
        if name:
            self._page.keyboard.press("Control+A")
            self._page.keyboard.insert_text(text)
            self._page.keyboard.press(end)
        return f"type {text[:30]!r} and {end} into {name!r}" if name else "type: no field"

    def _move_slider(self) -> str:
        name = self._click_on('[role="slider"]')
        key = self._chance.choice(["ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"])
        times = self._chance.randint(1, 5)
        if name:
            for _ in range(times):
                self._page.keyboard.press(key)
        return f"slider {name!r}: {key} × {times}"

    def _select(self) -> str:
        name = self._click_on('[data-testid="stSelectbox"] [role="combobox"], [data-testid="stMultiSelect"] input')
        self._page.wait_for_timeout(100)
        option = ""
        if name and (found := self._page.locator('[role="option"]').all()):
            chosen = found[int(self._chance.random() * len(found))]
            option = chosen.inner_text(timeout=1_000)
            chosen.click(timeout=1_000)
        return f"select {option!r} in {name!r}"

    def _press_keys(self) -> str:
        keys = [self._chance.choice(KEYS) for _ in range(self._chance.randint(1, 4))]
        if self._chance.random() < 0.7:  # the keys are then for the board
            self._page.evaluate("document.activeElement?.blur()")
        for key in keys:
            self._page.keyboard.press("Space" if key == " " else key)
        return f"press {' '.join(map(repr, keys))}"

    def _look_back(self) -> str:
        share = self._chance.random()
        moved = self._page.evaluate(MOVE_TIMELINE, share)
        return f"look back to {share:.2f}" if moved else "look back: no timeline"

    def _go_through_history(self) -> str:
        way = self._chance.choice([-1, -1, 1])
        self._page.evaluate("(way) => history.go(way)", way)
        self._page.wait_for_timeout(200)
        if not self._page.url.startswith(self._server.url):  # the blank page before the first one
            self._page.goto(self._server.url)
        return "back" if way < 0 else "forward"

    def _reload(self) -> str:
        self._page.reload(wait_until="commit")
        return f"reload{self._perhaps_wait_for_page()}"

    def _open_address(self) -> str:
        return self._open(self._chance.choice(QUERIES))

    def _open(self, query: str) -> str:
        self._page.goto(f"{self._server.url}/{query}", wait_until="commit")
        return f"open /{query}{self._perhaps_wait_for_page()}"

    def _perhaps_wait_for_page(self) -> str:
        """Mostly wait for the page; otherwise the next actions meet a page that loads."""
        if self._chance.random() < 0.25:
            return ""
        self._page.wait_for_selector(".st-key-transport, .st-key-nothing_compared")
        return ", wait for the page"

    def _wait(self) -> str:
        self._page.wait_for_timeout(self._chance.choice([200, 1_000]))
        return "wait"
