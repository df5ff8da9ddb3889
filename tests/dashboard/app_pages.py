"""Helpers that operate and read the page without a browser."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard.live.hub import get_hub
from dashboard.state.navigation import SWITCH
from dashboard.state.settings.regularizer_choice import COMBINE, choice_of, part_names
from engine.runs.server.run import Run


def shown_run(page: AppTest) -> Run | None:
    """Return the run in the page's address."""
    value = page.query_params.get("run", [None])
    return get_hub().manager.get(value[0] if isinstance(value, list) else value)


def compared_runs(page: AppTest) -> list[Run]:
    """Return the runs of the compare page's address."""
    value = page.query_params.get("runs", [""])
    ids = (value[0] if isinstance(value, list) else value).split(",")
    return [run for run_id in ids if (run := get_hub().manager.get(run_id))]


def press(page: AppTest, label: str) -> Run | None:
    """Press a button and return the run that the page shows afterwards."""
    next(button for button in page.button if button.label == label).click()
    page.run()
    return shown_run(page)


def transport_buttons(page: AppTest) -> dict[str, bool]:
    """Return whether each button of the transport is enabled, by its label."""
    return {button.label: not button.disabled for button in page.main.button}


def choose(page: AppTest, dataset: str) -> None:
    """Choose a data set in the sidebar."""
    page.selectbox(widget_key(page, "dataset")).set_value(dataset)
    page.run()


def choose_regularizers(page: AppTest, *fields: str) -> None:
    """Switch on these regularizers and no others, given by their config fields."""
    page.segmented_control(widget_key(page, "regularizer")).set_value(choice_of(fields))
    page.run()
    if choice_of(fields) == COMBINE:
        page.pills(widget_key(page, "parts")).set_value(part_names(fields))
        page.run()


def widget_key(page: AppTest, name: str) -> str:
    """Return the key of a sidebar widget, which changes with its value, see `widgets.widget_key`."""
    sets = page.session_state["widget.sets"].get(name, 0) if "widget.sets" in page.session_state else 0
    return f"widget.{name}.{sets}" if sets else f"widget.{name}"


def page_switch(page: AppTest) -> Any:
    """Return the switch between the pages in the sidebar."""
    (switch,) = (each for each in page.segmented_control if str(each.key).startswith(SWITCH))
    return switch


def widget_value(page: AppTest, name: str) -> Any:
    """Return the value of a sidebar widget, visible or not."""
    return page.session_state[widget_key(page, name)]


def data_summary(page: AppTest) -> str:
    """Return the line below the data widgets, with plain spaces."""
    (line,) = (caption.value for caption in page.sidebar.caption if " train, " in caption.value)
    return " ".join(line.split())
