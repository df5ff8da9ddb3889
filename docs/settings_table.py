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
    """Return a table for each group of settings and the list of those that change while a run trains, in Markdown."""
    of_link, of_config = (parameter_texts(config, DEFAULT_PACE) for config in (RunConfig.demo(), RunConfig()))
    parts = []
    for group in GROUPS:
        members = [setting for setting in PAGE_SETTINGS.values() if setting.group == group]
        rows = [_row(setting, of_link[setting.name], of_config[setting.name]) for setting in members]
        head = f"{_line(COLUMNS)}|{'---|' * len(COLUMNS)}\n"
        parts.append(f"### {group.capitalize()}\n\n{head}{''.join(rows)}")
    changeable = [f"`{setting.name}`" for setting in SETTINGS.values() if setting.changeable]
    parts.append(
        "### Settings that can change while a run trains\n\n"
        f"{', '.join(changeable[:-1])} and {changeable[-1]}. All others need a new run.\n"
    )
    return "\n".join(parts)


def _row(setting: Setting, of_link: str, of_config: str) -> str:
    in_config = "–" if setting is PACE else f"`{of_config}`"
    option = f"`{setting.option}`" if setting.option else "–"
    what = f"**{setting.label}**: {setting.summary}"
    return _line((f"`{setting.name}`", what, setting.kind.allowed_values, f"`{of_link}`", in_config, option))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
