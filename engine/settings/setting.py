"""The table entry of a setting.

`setting` declares a field of `RunConfig` with its entry. The sidebar, links, the command line, tables, messages and the
documentation use the entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import SequenceMatcher
from typing import Any, Literal, get_args

from engine.settings.kinds import Kind

DATA, NETWORK, REGULARIZER, TRAINING, MEASURING = GROUPS = ("data", "network", "regularizer", "training", "measuring")
MIN_SIMILARITY = 0.7  # 0 … 1; suggestions below it are misleading

# A setting's widget in the sidebar. Buttons show all choices at once; steps are a slider over listed values.
Widget = Literal["dropdown", "buttons", "text", "number", "slider", "steps"]
WIDGETS: tuple[str, ...] = get_args(Widget)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The table entry of one setting.

    Attributes:
        name: the field of `RunConfig`, the parameter of a link and the key in a config file.
        kind: the kind of its values, with bounds, parser and formatter.
        label: its name on the page and in messages, such as "Learning rate η".
        help: what it does; the first sentence is its summary in the documentation.
        group: the part of the sidebar that it belongs to, one of `GROUPS`.
        symbol: its name before a value, such as "η" in "η 0.5".
        mark: a shorter symbol, for marks on charts.
        unit: the unit of its values, in words; "" if they have none.
        option: its option of `regscope train`; None if it has none.
        changeable: whether it can change while a run trains.
        widget: its widget in the sidebar; None if it has none.
    """

    name: str = ""
    kind: Kind
    label: str
    help: str
    group: str
    symbol: str = ""
    mark: str = ""
    unit: str = ""
    option: str | None = ""
    changeable: bool = False
    widget: Widget | None = None

    def with_name(self, name: str) -> Setting:
        """Return the entry for the field `name`, with empty symbol, mark and option derived from it."""
        symbol = self.symbol or name.replace("_", " ")
        option = self.option if self.option != "" else f"--{name.replace('_', '-')}"
        return replace(self, name=name, symbol=symbol, mark=self.mark or symbol, option=option)

    @property
    def summary(self) -> str:
        """The first sentence of `help`, without its full stop."""
        return self.help.split(". ")[0].rstrip(".")

    def check(self, value: Any) -> Any:
        """Return a value as a plain Python value. Raises `FieldError`."""
        return self.kind.check(self.name, value)

    def parse(self, text: str) -> Any:
        """Return the value in a text. Raises `FieldError`."""
        return self.check(self.kind.parse(text))

    def parse_typed(self, text: str) -> Any:
        """Return the value in text typed by a user. Raises `FieldError`."""
        return self.check(self.kind.parse_typed(text))

    def parse_list(self, text: str) -> list[Any]:
        """Return the values in a typed list, such as "0.1, 1, 10". Raises `FieldError`."""
        return [self.parse_typed(part) for part in self.kind.split(text)]

    def format(self, value: Any) -> str:
        """Return a value as a text that `parse` reads exactly."""
        return self.kind.format(value)

    def display_text(self, value: Any) -> str:
        """Return a value with its unit, for display."""
        text = self.kind.display_text(value)
        return f"{text} {self.unit}" if self.unit and value is not None else text

    def assignment(self, value: Any) -> str:
        """Return the symbol and a value, such as "η 0.5"."""
        return f"{self.symbol} {self.display_text(value)}"


def setting(default: Any, kind: Kind, **entry: Any) -> Any:
    """Declare a dataclass field with its table entry; `entry` are the other arguments of `Setting`."""
    return field(default=default, metadata={"setting": Setting(kind=kind, **entry)})


def settings_of(config_type: type) -> dict[str, Setting]:
    """Return the entries of the fields that were declared with `setting`, by name."""
    return {each.name: each.metadata["setting"].with_name(each.name) for each in fields(config_type)}


def closest_settings(name: str, settings: Mapping[str, Setting]) -> tuple[str, ...]:
    """Return the names of the settings that best match a mistyped name, several if they match equally well.

    Options, symbols, labels and the single words of a symbol are compared too: "batch-size" and "lambda" match.
    """
    query = name.strip().lower().replace("-", "_")
    scores = {candidate: _similarity(query, setting) for candidate, setting in settings.items()}
    best = max(scores.values(), default=0.0)
    return tuple(candidate for candidate, score in scores.items() if score == best) if best >= MIN_SIMILARITY else ()


def _similarity(query: str, setting: Setting) -> float:
    """Return the similarity of a name to a setting, 0 … 1: 1 for one of its names, 0.99 for a word of its symbol."""
    option = (setting.option or "").lstrip("-").replace("-", "_")
    symbol = setting.symbol.lower().replace("λ", "lambda")
    aliases = [setting.name, option, symbol, setting.label.lower().replace("λ", "lambda")]
    if query in aliases:
        return 1.0
    if query in symbol.split():
        return 0.99
    return max(SequenceMatcher(None, alias, query).ratio() for alias in aliases)
