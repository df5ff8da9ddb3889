"""Slows down the server, the workers and the page if REGSCOPE_SLOWED=1.

A test that depends on the speed of the machine then fails every time, instead of once in fifty runs
on a busy machine. Python processes run at a third of their speed (every child process imports
`tests/slowed/sitecustomize.py` through PYTHONPATH), and Chromium's pages at a quarter.
"""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

SLOWED = bool(os.environ.get("REGSCOPE_SLOWED"))

# Factor of every timeout in the tests.
PATIENCE = 10 if SLOWED else 3

PAGE_SLOWDOWN = 4  # factor for Chromium's main thread

FOLDER = Path(__file__).with_name("slowed")


def slow_down_python() -> None:
    """Slow down this process and every Python process that it starts."""
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if str(FOLDER) not in paths:
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(FOLDER), *paths]))
        runpy.run_path(str(FOLDER / "sitecustomize.py"))


def be_patient(browser: Any) -> None:
    """Set longer timeouts for every page that `browser` opens from now on, and slow it down if `SLOWED`."""
    new_context = browser.new_context

    def patient_context(**options: Any) -> Any:
        context = new_context(**options)
        context.set_default_timeout(30_000 * PATIENCE)
        if SLOWED:
            new_page = context.new_page

            def slowed_page() -> Any:
                page = new_page()
                context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": PAGE_SLOWDOWN})
                return page

            context.new_page = slowed_page
        return context

    browser.new_context = patient_context
    browser.new_page = lambda **options: patient_context(**options).new_page()
