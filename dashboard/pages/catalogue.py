"""The table of pages. A new page is a file in this folder and an entry in `PAGES` (docs/extending.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.pages import (
    runs,
    train,
)
from dashboard.pages.comparing import compare
from dashboard.sidebar.reading import Settings
from dashboard.state import navigation


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        name: the name in the switch and in the address, `?view=NAME`.
        show: a function that draws the page, given the settings of the sidebar.
        use: a clause that begins with a verb.
    """

    name: str
    show: Callable[[Settings], None]
    purpose: str


# The pages in the order of the switch. An address without a page shows `navigation.TRAIN_PAGE`.
PAGES = {
    page.name: page
    for page in (
        Page(navigation.TRAIN_PAGE, train.show, "train one network and watch it"),
        Page("compare", compare.show, "compare several on the same axes"),
        Page("runs", runs.show, "go back to saved runs"),
    )
}
