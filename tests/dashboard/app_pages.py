"""The page's script without a browser: what a test presses, sets and reads."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard.live.hub import get_hub
from dashboard.state.settings.widgets import widget_key
from engine.runs.server.run import Run


def shown(page: AppTest) -> Run | None:
    """The run in the page's address."""
    named = page.query_params.get("run", [None])
    return get_hub().manager.get(named[0] if isinstance(named, list) else named)


def compared(page: AppTest) -> list[Run]:
    """The runs in the page's address that stand side by side."""
    named = page.query_params.get("runs", [""])
    ids = (named[0] if isinstance(named, list) else named).split(",")
    return [run for name in ids if (run := get_hub().manager.get(name))]


def press(page: AppTest, label: str) -> Run | None:
    """Press a button and give the run that the page then shows."""
    next(button for button in page.button if button.label == label).click()
    page.run()
    return shown(page)


def labels(page: AppTest) -> dict[str, bool]:
    """Each button of the transport, and whether it can be pressed."""
    return {button.label: not button.disabled for button in page.main.button}


def choose(page: AppTest, dataset: str) -> None:
    """Choose a data set in the sidebar."""
    page.selectbox(widget_key("dataset")).set_value(dataset)
    page.run()


def says(page: AppTest, name: str) -> Any:
    """The value of a sidebar widget, in sight or not."""
    return page.session_state[widget_key(name)]


def stated(page: AppTest) -> str:
    """The line below the data's widgets, with plain spaces."""
    (line,) = (caption.value for caption in page.sidebar.caption if " train, " in caption.value)
    return " ".join(line.split())
