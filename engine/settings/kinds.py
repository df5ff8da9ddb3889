"""Value types: check, parse and format the values of settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from numbers import Integral, Real
from typing import Any, ClassVar

from engine.errors import FieldError

NONE_WORDS = frozenset({"none", "all", "off"})  # parsed as None by the kinds that allow None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The type of a setting's values.

    Subclasses override the methods that start with an underscore.

    Attributes:
        separator: the text between two values in a list.
        none: the word for None in links and documentation; None if a value is required.
        none_text: the displayed word for None; defaults to `none`.
    """

    separator: ClassVar[str] = ","

    none: str | None = None
    none_text: str | None = None

    def check(self, name: str, value: Any) -> Any:
        """Validate a value and return it as a plain Python value.

        Args:
            name: the setting's name, for the message.

        Raises:
            FieldError: if the value is not allowed.
        """
        return None if value is None and self.none is not None else self._check(name, value)

    def parse(self, text: str) -> Any:
        """Return the value that a text represents.

        Text that cannot be parsed is returned unchanged; `check` rejects it.
        """
        return None if self.none is not None and text.strip().lower() in NONE_WORDS else self._parse(text)

    def parse_typed(self, text: str) -> Any:
        """Return the value in text typed by a user.

        The format is less strict than that of `parse`.
        """
        return self.parse(text)

    def split(self, text: str) -> list[str]:
        """Split a list into the texts of its values; empty texts are omitted."""
        return [part for each in text.split(self.separator) if (part := each.strip())]

    def format(self, value: Any) -> str:
        """Return a value as text; `parse` restores it exactly."""
        return self.none or "none" if value is None else self._format(value)

    def display_text(self, value: Any) -> str:
        """Return a value as short text for display."""
        return self.none_text or self.none or "none" if value is None else self._display_text(value)

    @property
    def allowed_values(self) -> str:
        """The allowed values, in Markdown."""
        return f"{self._allowed_values}, or `{self.none}`" if self.none else self._allowed_values

    def _check(self, name: str, value: Any) -> Any:
        raise NotImplementedError

    def _parse(self, text: str) -> Any:
        return text

    def _format(self, value: Any) -> str:
        return str(value)

    def _display_text(self, value: Any) -> str:
        return self._format(value)

    @property
    def _allowed_values(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class Number(Kind):
    """A finite real number from `low` to `high`."""

    low: float
    high: float
    way_out: str

    def _check(self, name: str, value: Any) -> float:
        number = _finite_or_nan(value)
        if not self.low <= number <= self.high:
            raise FieldError(
                name, f"must be a number from {self.low:g} to {self.high:g}, got {short_repr(value)}: {self.way_out}"
            )
        return number + 0.0  # −0.0 becomes 0.0

    def _parse(self, text: str) -> float | str:
        return _parse_number(text, float)

    def _format(self, value: float) -> str:
        return repr(value)  # `float` restores the exact value

    def _display_text(self, value: float) -> str:
        return f"{value:g}"

    @property
    def _allowed_values(self) -> str:
        return f"{_without_exponent(self.low)} to {_without_exponent(self.high)}"


@dataclass(frozen=True)
class Share(Number):
    """A number that is displayed in percent: 0.3 is "30 %"."""

    def _display_text(self, value: float) -> str:
        return f"{percent_of(value):f} %"


@dataclass(frozen=True)
class Probability(Number):
    """A number from 0 to below 1. Quarters are written as fractions: 0.5 is "½"."""

    FRACTIONS: ClassVar[Mapping[float, str]] = {0.25: "¼", 0.5: "½", 0.75: "¾"}

    low: float = 0.0
    high: float = math.nextafter(1.0, 0.0)
    way_out: str = ""

    def _check(self, name: str, value: Any) -> float:
        number = _finite_or_nan(value)
        if not 0 <= number < 1:
            raise FieldError(name, f"must be in [0, 1), got {short_repr(value)}: {self.way_out}")
        return number + 0.0  # −0.0 becomes 0.0

    def _display_text(self, value: float) -> str:
        return self.FRACTIONS.get(value) or super()._display_text(value)

    @property
    def _allowed_values(self) -> str:
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
                name, f"must be a whole number from {self.low} to {self.high}, got {short_repr(value)}: {self.way_out}"
            )
        return int(value)

    def _parse(self, text: str) -> float | str:
        return _parse_number(text, int)

    @property
    def _allowed_values(self) -> str:
        return f"whole {self.low} to {self.high}"


@dataclass(frozen=True)
class Choice(Kind):
    """One of several names.

    Attributes:
        choices: the allowed names. The collection is not copied, so names that are added later are allowed.
        titles: the displayed names, where they differ.
    """

    choices: Collection[str]
    titles: Mapping[str, str] = field(default_factory=dict)

    def _check(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise FieldError(name, f"must be one of {', '.join(self.choices)}, got {short_repr(value)}")
        return str(value)  # converts np.str_

    def _parse(self, text: str) -> str:
        return text.strip()

    def _display_text(self, value: str) -> str:
        return self.titles.get(value, value)

    @property
    def _allowed_values(self) -> str:
        return ", ".join(f"`{choice}`" for choice in self.choices)


@dataclass(frozen=True)
class Flag(Kind):
    """True or False: `true` or `false` in links, "on" or "off" on the page."""

    way_out: str

    def _check(self, name: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise FieldError(name, f"must be True or False, got {short_repr(value)}: {self.way_out}")
        return value

    def _parse(self, text: str) -> bool | str:
        return {"true": True, "false": False}.get(text.strip().lower(), text)

    def _format(self, value: bool) -> str:
        return "true" if value else "false"

    def _display_text(self, value: bool) -> str:
        return "on" if value else "off"

    @property
    def _allowed_values(self) -> str:
        return "`true`, `false`"


@dataclass(frozen=True)
class Text(Kind):
    """A non-empty text."""

    way_out: str

    def _check(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or not value:
            raise FieldError(name, f"must be a name, got {short_repr(value)}: {self.way_out}")
        return str(value)  # converts np.str_

    @property
    def _allowed_values(self) -> str:
        return "a name"


@dataclass(frozen=True)
class Widths(Kind):
    """The widths of hidden layers: "30,30" in a text, "none" for no hidden layer.

    Commas separate the widths of one network. Semicolons separate the networks in a list.

    Attributes:
        max_layers: the largest number of layers.
        width: the value type of a single width.
    """

    separator: ClassVar[str] = ";"

    max_layers: int
    width: Whole

    def _check(self, name: str, value: Any) -> tuple[int, ...]:
        if isinstance(value, str):
            raise FieldError(
                name,
                f"must be whole numbers separated by commas, got {short_repr(value)}: "
                "write 100 or 30, 30 or none; in Python [100], [30, 30] or []",
            )
        if (
            isinstance(value, bytes | Mapping | Set)
            or not isinstance(value, Iterable)
            or getattr(value, "ndim", 1) == 0
        ):
            raise FieldError(
                name, f"must be a list of widths, got {short_repr(value)}: write [100] for one layer, [30, 30] for two"
            )
        widths = tuple(islice(value, self.max_layers + 1))
        if len(widths) > self.max_layers:
            raise FieldError(name, f"must have at most {self.max_layers} layers, got {short_repr(value)}: use fewer")
        return tuple(self.width.check(name, width) for width in widths)

    def _parse(self, text: str) -> tuple[int, ...] | str:
        if text.strip().lower() == "none":
            return ()
        widths = [self.width.parse(part) for part in text.split(",")]
        return text if any(isinstance(width, str) for width in widths) else tuple(widths)

    def parse_typed(self, text: str) -> Any:
        """Return the widths in text typed by a user.

        Semicolons are read as commas. Empty text means no hidden layer.
        """
        return self.parse(text.replace(";", ",").strip() or "none")

    def split(self, text: str) -> list[str]:
        """Split a list into the texts of its networks.

        An empty text between two separators is a network without hidden layers.
        """
        return [part.strip() for part in text.split(self.separator)] if text.strip() else []

    def _format(self, value: tuple[int, ...]) -> str:
        return ",".join(map(str, value)) or "none"

    def _display_text(self, value: tuple[int, ...]) -> str:
        return ", ".join(map(str, value)) or "none"

    @property
    def _allowed_values(self) -> str:
        return "widths separated by commas, such as `100` or `30,30`, or `none`"


def short_repr(value: object) -> str:
    """Return the repr of a value for a message, cut to 60 characters."""
    try:
        text = repr(value)
    except ValueError:  # Python raises an error for integers of more than 4,300 digits
        return "a number too long to write"
    return text if len(text) <= 60 else text[:57] + "…"


def percent_of(share: float) -> Decimal:
    """Return a share in percent without rounding errors: 13.7 for 0.137, not 13.700000000000001."""
    percentage = Decimal(repr(share)).scaleb(2)
    return percentage.quantize(Decimal(1)) if percentage == percentage.to_integral_value() else percentage.normalize()


def _finite_or_nan(value: object) -> float:
    """Return a finite real number (Python or NumPy) as a float, otherwise NaN."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return math.nan
    try:
        number = float(value)
    except OverflowError:  # 10**400 is an integer, but too large for a float
        return math.nan
    return number if math.isfinite(number) else math.nan


def _without_exponent(number: float) -> str:
    """Return a number without an exponent: 1e-09 as 0.000000001."""
    return f"{Decimal(repr(number)):f}".removesuffix(".0")


def _parse_number(text: str, number_type: Callable[[str], float]) -> float | str:
    """Return the number in a text, or the text if it contains no number.

    Python accepts 1_0 as 10; here it counts as a typing error.
    """
    try:
        return text if "_" in text else number_type(text)
    except ValueError:
        return text
