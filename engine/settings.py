"""Settings: the kinds of their values, and the table entry of one setting.

A kind checks, parses and formats values. The fields of `RunConfig` are declared with
`setting`; sidebar, links, command line, tables, messages and documentation use the resulting entries.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import islice
from numbers import Integral, Real
from typing import Any

from engine.errors import FieldError

NONE_WORDS = frozenset({"none", "all", "off"})  # texts that are read as None if a setting may be None
MIN_SIMILARITY = 0.7  # of a name that is suggested, 0 … 1; below it suggestions are misleading
DATA, NETWORK, REGULARIZER, TRAINING, MEASURING = GROUPS = ("data", "network", "regularizer", "training", "measuring")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of value. Subclasses implement `_check`, `_parse`, `format`, `words` and `_values`.

    Attributes:
        none: the word for None in links and documentation; None if a value is required.
        none_words: the word for None elsewhere; default `none`.
    """

    none: str | None = None
    none_words: str | None = None

    def check(self, name: str, value: Any) -> Any:
        """Return the value as a plain Python value.

        Args:
            name: the setting's name, for the message.

        Raises:
            FieldError: for an invalid value.
        """
        return None if value is None and self.none is not None else self._check(name, value)

    def parse(self, text: str) -> Any:
        """Return the value that a text describes; an invalid text itself, which `check` rejects."""
        return None if self.none is not None and text.lower() in NONE_WORDS else self._parse(text)

    def format(self, value: Any) -> str:
        """Return the value as a text from which `parse` makes the same value."""
        return self.none or "none" if value is None else self._format(value)

    def words(self, value: Any) -> str:
        """Return the value as a short text to display."""
        return self.none_words or self.none or "none" if value is None else self._words(value)

    @property
    def values(self) -> str:
        """The allowed values, in Markdown."""
        return f"{self._values}, or `{self.none}`" if self.none else self._values

    def _check(self, name: str, value: Any) -> Any:
        raise NotImplementedError

    def _parse(self, text: str) -> Any:
        return text

    def _format(self, value: Any) -> str:
        return str(value)

    def _words(self, value: Any) -> str:
        return self._format(value)

    @property
    def _values(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class Number(Kind):
    """A finite real number from `low` to `high`."""

    low: float
    high: float
    way_out: str

    def _check(self, name: str, value: Any) -> float:
        number = _finite(value)
        if not self.low <= number <= self.high:
            raise FieldError(
                name, f"must be a number from {self.low:g} to {self.high:g}, got {short(value)}: {self.way_out}"
            )
        return number

    def _parse(self, text: str) -> float | str:
        return _parsed(text, float)

    def _format(self, value: float) -> str:
        return repr(value)  # all digits of a float

    def _words(self, value: float) -> str:
        return f"{value:g}"

    @property
    def _values(self) -> str:
        return f"{_decimals(self.low)} to {_decimals(self.high)}"


@dataclass(frozen=True)
class Probability(Number):
    """A number from 0 to below 1."""

    low: float = 0.0
    high: float = math.nextafter(1.0, 0.0)
    way_out: str = ""

    def _check(self, name: str, value: Any) -> float:
        number = _finite(value)
        if not 0 <= number < 1:
            raise FieldError(name, f"must be in [0, 1), got {short(value)}: {self.way_out}")
        return number

    @property
    def _values(self) -> str:
        return "0 to below 1"


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number from `low` to `high`."""

    low: int
    high: int
    way_out: str

    def _check(self, name: str, value: Any) -> int:
        if not isinstance(value, Integral) or isinstance(value, bool) or not self.low <= int(value) <= self.high:
            raise FieldError(
                name, f"must be a whole number from {self.low} to {self.high}, got {short(value)}: {self.way_out}"
            )
        return int(value)

    def _parse(self, text: str) -> float | str:
        return _parsed(text, int)

    @property
    def _values(self) -> str:
        return f"whole {self.low} to {self.high}"


@dataclass(frozen=True)
class Choice(Kind):
    """One of several names.

    Attributes:
        choices: the names. The table of a family is not copied, so a member added to it later is a choice.
        titles: names to display, if they differ.
    """

    choices: Collection[str]
    titles: Mapping[str, str] = field(default_factory=dict)

    def _check(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise FieldError(name, f"must be one of {', '.join(self.choices)}, got {short(value)}")
        return value

    def _words(self, value: str) -> str:
        return self.titles.get(value, value)

    @property
    def _values(self) -> str:
        return ", ".join(f"`{choice}`" for choice in self.choices)


@dataclass(frozen=True)
class Flag(Kind):
    """True or False: `true` or `false` in a text, on or off for people."""

    way_out: str

    def _check(self, name: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise FieldError(name, f"must be True or False, got {short(value)}: {self.way_out}")
        return value

    def _parse(self, text: str) -> bool | str:
        return {"true": True, "false": False}.get(text.lower(), text)

    def _format(self, value: bool) -> str:
        return "true" if value else "false"

    def _words(self, value: bool) -> str:
        return "on" if value else "off"

    @property
    def _values(self) -> str:
        return "`true`, `false`"


@dataclass(frozen=True)
class Text(Kind):
    """A text that is not empty."""

    way_out: str

    def _check(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or not value:
            raise FieldError(name, f"must be a name, got {short(value)}: {self.way_out}")
        return value

    @property
    def _values(self) -> str:
        return "a name"


@dataclass(frozen=True)
class Widths(Kind):
    """The widths of hidden layers: `30,30` in a text, `none` for no hidden layer.

    Attributes:
        max_layers: the largest number of layers.
        width: the kind of one width.
    """

    max_layers: int
    width: Whole

    def _check(self, name: str, value: Any) -> tuple[int, ...]:
        if isinstance(value, str):
            raise FieldError(
                name,
                f"must be whole numbers separated by commas, got {short(value)}: "
                "write 100 or 30, 30 or none; in Python [100], [30, 30] or []",
            )
        if isinstance(value, bytes | Mapping | Set) or not isinstance(value, Iterable):
            raise FieldError(
                name, f"must be a list of widths, got {short(value)}: write [100] for one layer, [30, 30] for two"
            )
        widths = tuple(islice(value, self.max_layers + 1))
        if len(widths) > self.max_layers:
            raise FieldError(name, f"must have at most {self.max_layers} layers, got {short(value)}: take fewer")
        return tuple(self.width.check(name, width) for width in widths)

    def _parse(self, text: str) -> tuple[int, ...] | str:
        if text.strip().lower() == "none":
            return ()
        widths = [self.width.parse(part) for part in text.split(",")]
        return text if any(isinstance(width, str) for width in widths) else tuple(widths)

    def _format(self, value: tuple[int, ...]) -> str:
        return ",".join(map(str, value)) or "none"

    def _words(self, value: tuple[int, ...]) -> str:
        return ", ".join(map(str, value)) or "none"

    @property
    def _values(self) -> str:
        return "widths separated by commas, such as `100` or `30,30`, or `none`"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The table entry of one setting.

    Attributes:
        name: the field of `RunConfig`, the parameter of a link and the key in a config file.
        kind: the kind of its values, with bounds, parser and formatter.
        label: its name on the page and in messages, such as "Learning rate η".
        help: its effect; the first sentence is its summary in the documentation.
        group: its section of the sidebar, one of `GROUPS`.
        symbol: its short name before a value, such as "η" in "η 0.5".
        mark: its short name at a mark on a chart.
        unit: the unit of its values, in words; "" for none.
        option: its option of `regscope train`; None if it has none.
        changeable: whether it can change while a run trains.
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

    def named(self, name: str) -> Setting:
        """Return the entry of the field `name`, with defaults for symbol, mark and option made from the name."""
        symbol = self.symbol or name.replace("_", " ")
        option = self.option if self.option != "" else f"--{name.replace('_', '-')}"
        return replace(self, name=name, symbol=symbol, mark=self.mark or symbol, option=option)

    @property
    def summary(self) -> str:
        """First sentence of `help`, without its full stop."""
        return self.help.split(". ")[0].rstrip(".")

    def check(self, value: Any) -> Any:
        """Return a value as a plain Python value. Raises `FieldError`."""
        return self.kind.check(self.name, value)

    def parse(self, text: str) -> Any:
        """Return the value that a text describes. Raises `FieldError`."""
        return self.check(self.kind.parse(text))

    def format(self, value: Any) -> str:
        """Return a value as a text from which `parse` makes the same value."""
        return self.kind.format(value)

    def words(self, value: Any) -> str:
        """Return a value with its unit, as it is displayed."""
        text = self.kind.words(value)
        return f"{text} {self.unit}" if self.unit and value is not None else text

    def assignment(self, value: Any) -> str:
        """Return the symbol and a value, such as "η 0.5"."""
        return f"{self.symbol} {self.words(value)}"


def setting(default: Any, kind: Kind, **entry: Any) -> Any:
    """Declare a dataclass field with its table entry; `entry` are the other arguments of `Setting`."""
    return field(default=default, metadata={"setting": Setting(kind=kind, **entry)})


def settings_of(config_type: type) -> dict[str, Setting]:
    """Return the entries of the fields that were declared with `setting`, by name."""
    return {each.name: each.metadata["setting"].named(each.name) for each in fields(config_type)}


def nearest(name: str, settings: Mapping[str, Setting]) -> tuple[str, ...]:
    """Return the names of the settings that were most likely meant: several if they match equally well.

    Options, symbols and labels count as names, and so do the words of a symbol: "batch-size" and "lambda" match.
    """
    wanted = name.strip().lower().replace("-", "_")
    scores = {found: _similarity(wanted, setting) for found, setting in settings.items()}
    best = max(scores.values(), default=0.0)
    return tuple(found for found, score in scores.items() if score == best) if best >= MIN_SIMILARITY else ()


def _similarity(wanted: str, setting: Setting) -> float:
    """Return how well a name fits a setting, 0 … 1: 1 for one of its names, a little less for a word of its symbol."""
    option = (setting.option or "").lstrip("-").replace("-", "_")
    symbol = setting.symbol.lower().replace("λ", "lambda")
    aliases = [setting.name, option, symbol, setting.label.lower().replace("λ", "lambda")]
    if wanted in aliases:
        return 1.0
    if wanted in symbol.split():
        return 0.99
    return max(SequenceMatcher(None, alias, wanted).ratio() for alias in aliases)


def short(value: object) -> str:
    """Return the repr of a value for a message, cut to 60 characters."""
    try:
        text = repr(value)
    except ValueError:  # Python does not write whole numbers of more than 4,300 digits
        return "a number too long to write"
    return text if len(text) <= 60 else text[:57] + "…"


def _parsed(text: str, number: type[int] | type[float]) -> float | str:
    """Return the number in a text, or the text if there is none."""
    try:
        return text if "_" in text else number(text)  # Python reads 1_0 as 10, probably a typing error
    except ValueError:
        return text


def _finite(value: object) -> float:
    """Return a finite real number, NumPy's included, as a float; NaN for any other value."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return math.nan
    try:
        number = float(value)
    except OverflowError:  # 10**400 is a whole number but no float
        return math.nan
    return number if math.isfinite(number) else math.nan


def _decimals(number: float) -> str:
    """Return a number without an exponent: 1e-09 as 0.000000001."""
    return f"{Decimal(repr(number)):f}".removesuffix(".0")
