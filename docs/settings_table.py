"""The tables of settings in docs/links.md, made from the table of settings."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.state.settings.links import parameter_texts
from dashboard.state.settings.page_settings import DEFAULT_PACE, PACE, PAGE_SETTINGS
from engine import RunConfig
from engine.config import SETTINGS
from engine.settings.setting import GROUPS, Setting

COLUMNS = ("parameter", "what it is", "values", "default of a link", "`RunConfig()`", "`regscope train`")


def tables() -> str:
    """Return the tables of settings in Markdown.

    There is one table for each group, and a list of the settings that can change while a run trains.
    """
    link_defaults, config_defaults = (
        parameter_texts(config, DEFAULT_PACE) for config in (RunConfig.demo(), RunConfig())
    )
    parts = []
    for group in GROUPS:
        group_settings = [setting for setting in PAGE_SETTINGS.values() if setting.group == group]
        rows = [_row(setting, link_defaults[setting.name], config_defaults[setting.name]) for setting in group_settings]
        head = f"{_line(COLUMNS)}|{'---|' * len(COLUMNS)}\n"
        parts.append(f"### {group.capitalize()}\n\n{head}{''.join(rows)}")
    changeable = [f"`{setting.name}`" for setting in SETTINGS.values() if setting.changeable]
    parts.append(
        "### Settings that can change while a run trains\n\n"
        f"{', '.join(changeable[:-1])} and {changeable[-1]}. All others need a new run.\n"
    )
    return "\n".join(parts)


def _row(setting: Setting, link_default: str, config_default: str) -> str:
    config_cell = "–" if setting is PACE else f"`{config_default}`"
    option = f"`{setting.option}`" if setting.option else "–"
    description = f"**{setting.label}**: {setting.summary}"
    return _line(
        (f"`{setting.name}`", description, setting.kind.allowed_values, f"`{link_default}`", config_cell, option)
    )


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
