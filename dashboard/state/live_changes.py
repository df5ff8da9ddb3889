"""Live changes: synchronize the sidebar with the run of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from dashboard.live.hub import get_hub
from dashboard.state import page_run
from dashboard.state.settings import widgets
from dashboard.state.settings.regularizer_choice import LAMBDA_FIELDS
from engine import FieldError, RunConfig, dataset_of
from engine.data import check_example_selection
from engine.learning.checkpoint import CHANGEABLE_FIELDS
from engine.runs.server.run import Run


class TakesEffect(NamedTuple):
    """When a change of a setting takes effect: an icon beside its label, and a sentence in its help."""

    icon: str
    sentence: str


APPLIED_LIVE = TakesEffect(":material/bolt:", "While a run trains, a change takes effect with the next mini-batch.")
NEEDS_RESTART = TakesEffect(
    ":material/restart_alt:", "A change needs a restart: the run continues until you press Restart."
)


def label_with_effect_icon(label: str, when: TakesEffect) -> str:
    """Return a label; while a run is open, add the icon for when a change takes effect."""
    return f"{label} {when.icon}" if page_run.open_run() else label


def help_with_effect_time(text: str, when: TakesEffect) -> str:
    """Return a help text; while a run is open, add the sentence about when a change takes effect."""
    return f"{text} {when.sentence}".strip() if page_run.open_run() else text


def synchronize(read_sidebar: Callable[[], Mapping[str, Any]]) -> FieldError | None:
    """Apply changes in the sidebar to the run of this page, and changes of the run to the sidebar.

    A field counts as changed if it differs from its value at the last call. Each change is therefore applied once, and
    two pages with the same run do not revert each other's changes. Call this before the widgets are created.

    Args:
        read_sidebar: returns the widgets' values of the fields in `CHANGEABLE_FIELDS`.

    Returns:
        the error if a change cannot be applied now, else None. Each later call tries again.
    """
    run = page_run.open_run()
    if run is None:
        widgets.exchange_previous("synchronized", None)
        return None
    sidebar_values = read_sidebar()
    last_values = widgets.exchange_previous("synchronized", None)
    # for another run than at the last call, no field counts as changed
    previous_values = last_values[1] if last_values and last_values[0] == run.id else sidebar_values
    live_names = live_fields(run)
    waiting_fields = {name: sidebar_values[name] for name in CHANGEABLE_FIELDS if name not in live_names}
    changed_fields = {
        name: sidebar_values[name] for name in live_names if sidebar_values[name] != previous_values[name]
    }
    problem = None
    try:
        changes_of_run = {
            name: value for name, value in changed_fields.items() if value != getattr(run.current_config, name)
        }
        if changes_of_run:
            check_data(replace(run.current_config, **changes_of_run))
            get_hub().manager.change(run, **changes_of_run)
        if any(
            getattr(run.current_config, name) != previous_values[name]
            for name in live_names
            if name not in changed_fields
        ):
            widgets.set_changeable_widgets(replace(run.current_config, **waiting_fields, **changed_fields))
    except FieldError as error:
        problem = error
    current_values = previous_values if problem else read_sidebar()
    values = {name: current_values[name] if name in live_names else previous_values[name] for name in CHANGEABLE_FIELDS}
    widgets.exchange_previous("synchronized", (run.id, values))
    return problem


def live_fields(run: Run) -> tuple[str, ...]:
    """Return the fields whose changes need no restart.

    If the sidebar has another data set than the run, all of its settings are those of the next run. If λ follows the
    training size, and the size in the sidebar differs from that of the run, λ needs a restart too.
    """
    if widgets.widget_value("dataset") != run.current_config.dataset:
        return ()
    size_differs = widgets.widget_value("train_size") != run.current_config.train_size
    waiting_fields = LAMBDA_FIELDS if widgets.widget_value("keep_ratio") and size_differs else ()
    return tuple(name for name in CHANGEABLE_FIELDS if name not in waiting_fields)


def check_data(config: RunConfig) -> None:
    """Raise if a config cannot be trained with its data set.

    Raises:
        FieldError: as `check_example_selection`; not for a data set that was removed, because the run has a copy.
    """
    try:
        dataset = dataset_of(config)
    except FieldError:
        return
    check_example_selection(config, dataset)
