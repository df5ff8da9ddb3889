"""A run's settings as a link: what stands in the address of a page, and what an address says.

A link carries data, never code. Each parameter is a field of `RunConfig` by its own name, the one that config files and
errors use too, and `pace`, the mini-batches a second. What is as in `RunConfig()` is left out: its address is bare.

    numbers         as Python writes them, so that a float comes back to the last bit: l2=0.1, learning_rate=1e-05
    hidden layers   widths with commas between, or none: hidden=30,30
    no value        all for train_size, none elsewhere: max_norm=none
    switches        true or false
    pace            1, 5, 25, 125, 1000 or full
    all else        as it is: dataset=digits

What cannot be used is refused, never made to fit. Parameters with other names are somebody else's and left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from engine import FieldError, RunConfig

# Mini-batches a second, by what the page calls it; None is full speed.
PACES: dict[str, float | None] = {"1/s": 1.0, "5/s": 5.0, "25/s": 25.0, "125/s": 125.0, "1000/s": 1_000.0, "full": None}
DEFAULT_PACE: float | None = 125.0  # the default run then takes 40 seconds

PACE = "pace"  # the one parameter that is no field of a run's config
LONGEST = 200  # characters of a value: ten hidden layers take 59, the name of somebody's own data set 20

_TYPES = {field.name: str(field.type) for field in fields(RunConfig)}
_PACES = {name.removesuffix("/s"): value for name, value in PACES.items()}
NAMES = (*_TYPES, PACE)  # every parameter of a link

Query = Mapping[str, str | Sequence[str]]  # a list for what stands in an address several times


@dataclass(frozen=True)
class Taken:
    """What an address says.

    Attributes:
        config, pace: what can be used of it; the defaults for all else.
        refused: what cannot, by parameter.
    """

    config: RunConfig
    pace: float | None
    refused: Mapping[str, FieldError]


def query_of(config: RunConfig, pace: float | None) -> dict[str, str]:
    """The parameters of a link to these settings: those that differ from the defaults, in the fields' order.

    Raises:
        FieldError: for a pace that the page does not have, and for a data set's name longer than `LONGEST`.
    """
    if pace not in _PACES.values():
        raise FieldError(PACE, f"must be one of {', '.join(_PACES)} mini-batches a second, got {pace!r:.60}")
    defaults = plainly(RunConfig(), DEFAULT_PACE)
    found = {name: text for name, text in plainly(config, pace).items() if text != defaults[name]}
    for name, text in found.items():
        _check_length(name, text)
    return found


def plainly(config: RunConfig, pace: float | None) -> dict[str, str]:
    """Every parameter as a link writes it, also where it is the default."""
    said = {name: _written(name, getattr(config, name)) for name in _TYPES}
    return {**said, PACE: next((name for name, value in _PACES.items() if value == pace), "")}


def config_of(query: Query) -> tuple[RunConfig, float | None]:
    """The config and the pace that a link's parameters describe.

    Raises:
        FieldError: for the first parameter that cannot be used, with the value and the way out.
    """
    taken = read(query)
    for error in taken.refused.values():
        raise error
    return taken.config, taken.pace


def read(query: Query) -> Taken:
    """What of a link's parameters can be used, and why the others cannot. Raises nothing, whatever they say."""
    values: dict[str, Any] = {}
    refused: dict[str, FieldError] = {}
    for name in NAMES:
        said = query.get(name, ())
        texts = [said] if isinstance(said, str) else list(said)
        if not texts:
            continue
        try:
            values[name] = _value(name, texts)
        except FieldError as error:
            refused[name] = error
    pace = values.pop(PACE, DEFAULT_PACE)
    return Taken(replace(RunConfig(), **values), pace, refused)


def address(page: str, query: Query) -> str:
    """A whole address: the page's, and parameters."""
    page += "/" if page.count("/") == 2 else ""  # http://somewhere
    return f"{page}?{urlencode(query, doseq=True)}" if query else page


def _value(name: str, texts: list[str]) -> Any:
    """What a parameter says, checked as the engine checks it. Raises `FieldError`."""
    if len(texts) > 1:
        raise FieldError(name, f"must stand once in a link, got {len(texts)} of them, {texts[0]!r:.60} first: keep one")
    (text,) = texts
    _check_length(name, text)
    if name == PACE:
        if text not in _PACES:
            raise FieldError(name, f"must be one of {', '.join(_PACES)} mini-batches a second, got {text!r:.60}")
        return _PACES[text]
    return getattr(replace(RunConfig(), **{name: _READERS[_TYPES[name]](text)}), name)


def _check_length(name: str, text: str) -> None:
    if len(text) > LONGEST:
        raise FieldError(
            name, f"must be {LONGEST} characters at most in a link, got {len(text)}, {text[:30]!r} first: take fewer"
        )


def _written(name: str, value: Any) -> str:
    """A field's value in a link."""
    if value is None:
        return "all" if name == "train_size" else "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return value if isinstance(value, str) else repr(value)


# What a text says. What it does not say is given back as the text: the engine's own check then refuses it in its words.


def _number(text: str) -> float | str:
    # Python also reads 1_0 as 10: nobody who writes that in a link is sure to mean it
    try:
        return text if "_" in text else float(text)
    except ValueError:
        return text


def _whole(text: str) -> int | str:
    try:
        return text if "_" in text else int(text)
    except ValueError:
        return text


def _flag(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text.lower(), text)


def _widths(text: str) -> tuple[int, ...]:
    if text.lower() == "none":
        return ()
    widths = [_whole(part) for part in text.split(",")]
    if any(isinstance(width, str) for width in widths):
        raise FieldError("hidden", f"must be widths with commas between, got {text!r:.60}: write 100 or 30,30, or none")
    return tuple(width for width in widths if isinstance(width, int))


def _or_none(reader: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: None if text.lower() in ("none", "all") else reader(text)


_READERS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "bool": _flag,
    "int": _whole,
    "float": _number,
    "int | None": _or_none(_whole),
    "float | None": _or_none(_number),
    "tuple[int, ...]": _widths,
}
