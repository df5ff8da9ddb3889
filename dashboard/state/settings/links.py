"""Links: settings as query parameters of an address, and their parser.

A link contains data, never code. Its parameters are the fields of `RunConfig` and `pace`, the number of mini-batches
per second. The kinds of the settings format the values, floats exactly. A field with the value of `RunConfig.demo()` is
omitted. An address without any parameter has the settings that a page starts with, `first_config`; the only difference
is that the demonstration has two regularizers and the page starts with the one that brings most.

An invalid value is refused and not replaced by the nearest valid one. Parameters with other names are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dashboard.state.settings.page_settings import DEFAULT_PACE, FIRST_PACE, PACE, PAGE_SETTINGS
from engine import FieldError, RunConfig
from engine.analysis.suggested import suited_config
from engine.config import SETTINGS
from engine.families.penalties import PENALTIES

MAX_LENGTH = 200  # characters of a value; ten hidden layers need 59, the name of a user's own data set 20

NAMES = tuple(PAGE_SETTINGS)  # every parameter of a link
# A link to the demonstration has this parameter, because it needs one.
NAMED_IN_DEMO = next(field for field in PENALTIES if getattr(RunConfig.demo(), field))

Query = Mapping[str, str | Sequence[str]]  # the values by parameter; a list for a repeated parameter


@dataclass(frozen=True)
class ParsedLink:
    """The settings of a link.

    Attributes:
        config, pace: the settings, with defaults for missing and refused parameters.
        refused: the errors of the parameters that cannot be used, by name.
    """

    config: RunConfig
    pace: float | None
    refused: Mapping[str, FieldError]


def link_parameters(config: RunConfig, pace: float | None) -> dict[str, str]:
    """Return the parameters of a link to these settings: those that differ from `RunConfig.demo()`.

    Raises:
        FieldError: for a pace that the page does not have, and for a data set's name longer than `MAX_LENGTH`.
    """
    PACE.check(pace)
    if (config, pace) == (first_config(), FIRST_PACE):
        return {}
    defaults, texts = parameter_texts(RunConfig.demo(), DEFAULT_PACE), parameter_texts(config, pace)
    parameters = {name: text for name, text in texts.items() if text != defaults[name]}
    parameters = parameters or {NAMED_IN_DEMO: texts[NAMED_IN_DEMO]}
    for name, text in parameters.items():
        _check_length(name, text)
    return parameters


def parameter_texts(config: RunConfig, pace: float | None) -> dict[str, str]:
    """Return the texts of all parameters, defaults included."""
    texts = {name: setting.format(getattr(config, name)) for name, setting in SETTINGS.items()}
    return {**texts, PACE.name: PACE.format(pace)}


def config_and_pace(query: Query) -> tuple[RunConfig, float | None]:
    """Return the config and the pace of a link.

    Raises:
        FieldError: for the first parameter that cannot be used.
    """
    parsed = parse_link(query)
    for error in parsed.refused.values():
        raise error
    return parsed.config, parsed.pace


def first_config() -> RunConfig:
    """Return the settings that a page starts with: the digits, with the regularizer that brings most there."""
    return suited_config(RunConfig.demo().dataset)


def parse_link(query: Query) -> ParsedLink:
    """Return the settings of a link, and the errors of the parameters that cannot be used; never raise."""
    values: dict[str, Any] = {}
    refused: dict[str, FieldError] = {}
    for name in NAMES:
        parameter = query.get(name, ())
        texts = [parameter] if isinstance(parameter, str) else list(parameter)
        if not texts:
            continue
        try:
            values[name] = _parse_parameter(name, texts)
        except FieldError as error:
            refused[name] = error
    if not any(query.get(name) for name in NAMES):
        return ParsedLink(first_config(), FIRST_PACE, {})
    pace = values.pop(PACE.name, DEFAULT_PACE)
    return ParsedLink(RunConfig.demo(**values), pace, refused)


def page_address(page: str, query: Query) -> str:
    """Return the address of a page with query parameters."""
    page += "/" if page.count("/") == 2 else ""  # http://host needs a slash before "?"
    return f"{page}?{urlencode(query, doseq=True)}" if query else page


def _parse_parameter(name: str, texts: list[str]) -> Any:
    """Return the value of a parameter. Raises `FieldError`."""
    if len(texts) > 1:
        raise FieldError(
            name, f"must be in a link only once, got {len(texts)} values, {texts[0]!r:.60} first: keep one"
        )
    (text,) = texts
    _check_length(name, text)
    return PAGE_SETTINGS[name].parse(text)


def _check_length(name: str, text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise FieldError(
            name,
            f"must have at most {MAX_LENGTH} characters in a link, got {len(text)}, {text[:30]!r} first: use fewer",
        )
