"""The settings that are selected in the sidebar."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.state.memory import check_memory, memory_note
from dashboard.state.settings import widgets
from dashboard.state.settings.page_settings import with_label
from engine import FieldError, RunConfig, dataset_of, warnings
from engine.data import check_example_selection


@dataclass(frozen=True)
class Settings:
    """The settings in the sidebar.

    Attributes:
        config: the config; that of the demonstration if there is a `problem`.
        pace: mini-batches a second, or None for full speed.
        warnings: texts about settings that are valid but probably mistakes.
        memory_note: a line about the memory of a large run, and whether it is a warning; None for other runs.
        link: the config for a link, also if this server does not have its data; None if a field has an invalid value.
        error: the error if a setting cannot be used; else None.
    """

    config: RunConfig
    pace: float | None
    warnings: tuple[str, ...] = ()
    memory_note: tuple[str, bool] | None = None
    link: RunConfig | None = None
    error: FieldError | None = None

    @property
    def problem(self) -> str | None:
        """The error as a message with a remedy, None if there is no error."""
        return with_label(str(self.error)) if self.error else None


def read_settings() -> Settings:
    """Return the current settings in the sidebar."""
    config = RunConfig.demo()
    sidebar_config, field_error, messages, note = None, None, [], None
    try:
        sidebar_config = RunConfig(**widgets.field_values(), **widgets.values_without_widget())
        dataset = dataset_of(sidebar_config)
        messages = warnings(sidebar_config, check_example_selection(sidebar_config, dataset), dataset.features)
        note = memory_note(sidebar_config, dataset)
        check_memory(sidebar_config)
        config = sidebar_config  # after all checks, because the board draws the data of this config
    except FieldError as error:
        field_error = error
    return Settings(
        config,
        widgets.selected_pace(),
        tuple(with_label(warning) for warning in messages),
        note,
        sidebar_config,
        field_error,
    )
