"""A run's settings as a link: what stands in the address of a page, and what an address says.

A link carries data, never code. Each parameter is a field of `RunConfig` by its own name, the one that config files and
errors use too, and `pace`, the mini-batches a second. Values are written as their kind in `engine.settings` writes
them: floats to the last bit. A field that is as in `RunConfig.demo()` is left out, so the address of the page that was
just opened is bare.

What cannot be used is refused, never made to fit. Parameters with other names are somebody else's and left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dashboard.state.settings.page_settings import DEFAULT_PACE, PACE, PAGE_SETTINGS
from engine import FieldError, RunConfig
from engine.config import SETTINGS

LONGEST = 200  # characters of a value: ten hidden layers take 59, the name of somebody's own data set 20

NAMES = tuple(PAGE_SETTINGS)  # every parameter of a link

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
    PACE.check(pace)
    defaults = texts_of(RunConfig.demo(), DEFAULT_PACE)
    found = {name: text for name, text in texts_of(config, pace).items() if text != defaults[name]}
    for name, text in found.items():
        _check_length(name, text)
    return found


def texts_of(config: RunConfig, pace: float | None) -> dict[str, str]:
    """Every parameter as a link writes it, also where it is the default."""
    said = {name: setting.format(getattr(config, name)) for name, setting in SETTINGS.items()}
    return {**said, PACE.name: PACE.format(pace)}


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
    pace = values.pop(PACE.name, DEFAULT_PACE)
    return Taken(RunConfig.demo(**values), pace, refused)


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
    return PAGE_SETTINGS[name].parse(text)


def _check_length(name: str, text: str) -> None:
    if len(text) > LONGEST:
        raise FieldError(
            name, f"must be {LONGEST} characters at most in a link, got {len(text)}, {text[:30]!r} first: take fewer"
        )
