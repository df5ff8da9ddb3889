"""The tables of settings in docs/links.md: `python -m docs.settings_table` writes them.

They are made from the table of settings, between the two marker comments of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dashboard.state.settings.links import texts_of
from dashboard.state.settings.page_settings import DEFAULT_PACE, PACE, PAGE_SETTINGS
from engine import RunConfig
from engine.settings import GROUPS, Setting

PAGE = Path(__file__).with_name("links.md")
BEGIN, END = "<!-- settings: written by python -m docs.settings_table -->\n", "<!-- end of settings -->\n"
COLUMNS = ("parameter", "what it is", "values", "default of a link", "`RunConfig()`", "`regscope train`")


def tables() -> str:
    """Return a table for each group of settings, in Markdown."""
    of_link, of_config = (texts_of(config, DEFAULT_PACE) for config in (RunConfig.demo(), RunConfig()))
    parts = []
    for group in GROUPS:
        members = [setting for setting in PAGE_SETTINGS.values() if setting.group == group]
        rows = [_row(setting, of_link[setting.name], of_config[setting.name]) for setting in members]
        head = f"{_line(COLUMNS)}|{'---|' * len(COLUMNS)}\n"
        parts.append(f"### {group.capitalize()}\n\n{head}{''.join(rows)}")
    return "\n".join(parts)


def _row(setting: Setting, of_link: str, of_config: str) -> str:
    in_config = "–" if setting is PACE else f"`{of_config}`"
    option = f"`{setting.option}`" if setting.option else "–"
    what = f"**{setting.label}**: {setting.summary}"
    return _line((f"`{setting.name}`", what, setting.kind.values, f"`{of_link}`", in_config, option))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def updated(page: str) -> str:
    """Return the text of docs/links.md with the current tables."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
