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
        config: the config; that of the demonstration if there is a `problem`.
        pace: mini-batches a second, or None for full speed.
        problem: the setting that cannot be used and the way out, or None.
        warned: warnings about settings that can be used but are probably mistakes.
        link: the config, even if it cannot be trained here; None if a field has no valid value.
    """

    config: RunConfig
    pace: float | None
    problem: str | None
    warned: tuple[str, ...] = ()
    link: RunConfig | None = None


def read() -> Settings:
    """Return the current settings in the sidebar."""
    config = RunConfig.demo()
    in_sidebar, problem, warned = None, None, []
    try:
        in_sidebar = RunConfig(**widgets.fields(), **widgets.carried())
        dataset = dataset_of(in_sidebar)
        warned = warnings(in_sidebar, check_selection(in_sidebar, dataset), dataset.features)
        config = in_sidebar  # only now, because the board draws the data of this config
    except FieldError as error:
        problem = with_label(str(error))
    return Settings(config, widgets.pace(), problem, tuple(with_label(warning) for warning in warned), in_sidebar)
