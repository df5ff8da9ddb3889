"""The settings that the widgets of the sidebar describe."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.state.settings import widgets
from dashboard.state.settings.page_settings import with_label
from engine import FieldError, RunConfig, dataset_of, warnings
from engine.data import check_selection


@dataclass(frozen=True)
class Settings:
    """The settings in the sidebar.

    Attributes:
        config: the run that it describes; the demonstration if there is a `problem`.
        pace: mini-batches a second, None for full speed.
        problem: what cannot be used, with the way out, or None.
        warned: what can be used but is probably not meant.
        link: the run that it describes, even if it cannot be trained here; None if a field has no valid value.
    """

    config: RunConfig
    pace: float | None
    problem: str | None
    warned: tuple[str, ...] = ()
    link: RunConfig | None = None


def read() -> Settings:
    """Return the settings in the sidebar at this moment."""
    config = RunConfig.demo()
    wanted, problem, warned = None, None, []
    try:
        wanted = RunConfig(**widgets.fields(), **widgets.carried())
        dataset = dataset_of(wanted)
        warned = warnings(wanted, check_selection(wanted, dataset), dataset.features)
        config = wanted  # only now: the board draws the data of what it is given
    except FieldError as error:
        problem = with_label(str(error))
    return Settings(config, widgets.pace(), problem, tuple(with_label(warning) for warning in warned), wanted)
