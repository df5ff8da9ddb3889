"""Links that train a race again: the shared settings in the parameters of `links`, and here what differs.

A link contains no run, so it works on any machine. There are three forms:

    race=none, L2, L1, dropout             a preset of `twins.PRESETS`
    race=seed&values=1,2,3                 one field, and the values of the twins
    race=list&twin=none&twin=seed=2;hidden=30   other runs: the settings in which each differs from the first

`race_link` makes them from the configs of runs and checks that the link gives exactly these configs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.state.settings.links import MAX_LENGTH
from engine.analysis.regularizers import off_values, regularizer_text
from engine.analysis.twins import MAX_LINES, PRESETS, Twin, differing_fields, race_twins, vary_setting
from engine.config import SETTINGS, RunConfig
from engine.errors import FieldError

RACE, VALUES, TWIN = PARAMETERS = ("race", "values", "twin")
LIST = "list"  # the value of `race` for runs that are not twins
NO_DIFFERENCE = "none"  # the value of `twin` for a run with the shared settings
SEPARATOR = ";"  # between the settings of a twin
VARIABLE_FIELDS = [name for name in SETTINGS if name != "dataset"]  # twins must have the same data
# A preset chooses a λ for the number of examples if the settings have none; such a λ must not be in a link.
_EXAMPLE_COUNTS = (10, 10_000)

RaceQuery = Mapping[str, Sequence[str]]  # the texts of the parameters above, by parameter


@dataclass(frozen=True)
class RaceLink:
    """What a link to a race contains.

    Attributes:
        base: the shared settings. texts: the texts of each of `PARAMETERS`; none for a parameter that is missing.
    """

    base: RunConfig
    texts: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def query(self) -> dict[str, list[str]]:
        """The query parameters of the race, without those of the shared settings."""
        return {name: list(texts) for name, texts in self.texts if texts}


def race_link(configs: tuple[RunConfig, ...]) -> RaceLink:
    """Return a link that gives exactly these configs, in this order: the shortest form that does.

    Raises:
        FieldError: if no link does: for a single run, for equal configs, and for a text that is too long.
    """
    if len(configs) < 2:
        raise FieldError("runs", "must be at least 2 for a race, got 1: share it with Share on the page Train")
    if len(set(configs)) < len(configs):
        raise FieldError("runs", "must differ, got the same settings twice: the same run would be trained again")
    for link in _candidates(configs):
        try:
            twins = [twins_of_link(link.base, link.query, n) for n in _EXAMPLE_COUNTS]
        except FieldError:
            continue
        if all(tuple(twin.config for twin in each) == configs for each in twins):
            return link
    raise FieldError("runs", "cannot be written into a link: compare fewer runs, or runs with fewer differences")


def twins_of_link(base: RunConfig, query: RaceQuery, n: int | None = None) -> tuple[Twin, ...]:
    """Return the twins of a link.

    Args:
        base: the shared settings. query: the parameters of the race. n: the number of training examples in use.

    Raises:
        FieldError: for a parameter that cannot be used; it names the parameter, the value and the way out.
    """
    race = _only_text(RACE, query)
    if race in PRESETS:
        _refuse_others(race, query, ())
        return race_twins(base, race, n)
    if race in VARIABLE_FIELDS:
        _refuse_others(race, query, (VALUES,))
        text = _only_text(VALUES, query)
        try:
            return vary_setting(base, race, SETTINGS[race].parse_list(text))
        except FieldError as error:
            raise FieldError(VALUES, f"cannot be used for {race}, got {text!r:.60}: {error}") from error
    if race == LIST:
        _refuse_others(race, query, (TWIN,))
        return _listed_twins(base, query)
    raise FieldError(
        RACE,
        f"must be one of {'; '.join(PRESETS)}; {LIST}; or a setting such as seed, got {race!r:.60}: "
        "copy the link again",
    )


def describe_race(query: RaceQuery, count: int) -> str:
    """Return in words what a link contains that `twins_of_link` accepts; `count` is the number of its twins."""
    race = query[RACE][0]
    if race in PRESETS:
        return (
            f"the race “{race}”: {count} twins, with the same initial weights and the same examples in the same order"
        )
    if race == LIST:
        return f"{count} runs, which differ in several settings"
    return f"a race of {count} twins, which differ in one setting, {SETTINGS[race].label}"


def _candidates(configs: tuple[RunConfig, ...]) -> Iterator[RaceLink]:
    """Yield links that may give these configs, the shortest first."""
    differing = differing_fields(configs)
    for base in (
        _with_all_regularizers(configs, differing),
        configs[len(configs) // 2],
    ):  # a ladder has λ in its middle
        if base is not None:
            for preset in PRESETS:
                yield _link(base, **{RACE: [preset]})
    for name in differing:
        if len(differing) == 1 and name in VARIABLE_FIELDS:
            setting = SETTINGS[name]
            yield _link(
                configs[0],
                **{RACE: [name], VALUES: [setting.kind.separator.join(map(setting.format, differing[name]))]},
            )
    yield _link(configs[0], **{RACE: [LIST], TWIN: [_difference_text(configs[0], each) for each in configs]})


def _link(base: RunConfig, **texts: Sequence[str]) -> RaceLink:
    return RaceLink(base, tuple((name, tuple(texts.get(name, ()))) for name in PARAMETERS))


def _with_all_regularizers(configs: Sequence[RunConfig], differing: Iterable[str]) -> RunConfig | None:
    """Return a config with every regularizer that any of the configs has, from which a preset makes its twins."""
    off = off_values()
    values: dict[str, Any] = {}
    for name in differing:
        if name in off:
            values[name] = next(value for each in configs if (value := getattr(each, name)) != off[name])
    try:
        return replace(configs[0], **values)
    except FieldError:  # together they are too strong
        return None


def _difference_text(base: RunConfig, config: RunConfig) -> str:
    """Return the settings in which a config differs from another, as `hidden=30;seed=2`."""
    names = [name for name in SETTINGS if getattr(base, name) != getattr(config, name)]
    assignments = [f"{name}={SETTINGS[name].format(getattr(config, name))}" for name in names]
    return SEPARATOR.join(assignments) or NO_DIFFERENCE


def _listed_twins(base: RunConfig, query: RaceQuery) -> tuple[Twin, ...]:
    texts = list(query.get(TWIN, ()))
    if not 2 <= len(texts) <= MAX_LINES:
        raise FieldError(TWIN, f"must be in the link 2 to {MAX_LINES} times, got {len(texts)}: copy the link again")
    twins = []
    for text in texts:
        _check_length(TWIN, text)
        values = {} if text == NO_DIFFERENCE else dict(_parse_assignment(part) for part in text.split(SEPARATOR))
        try:
            config = replace(base, **values)
        except FieldError as error:
            raise FieldError(TWIN, f"cannot be used, got {text!r:.60}: {error}") from error
        name = ", ".join(SETTINGS[name].assignment(getattr(config, name)) for name in values)
        twins.append(Twin(name or regularizer_text(config), config))
    if len({twin.config for twin in twins}) < len(twins):
        raise FieldError(TWIN, "must be a different run each time, got the same settings twice: copy the link again")
    return tuple(twins)


def _parse_assignment(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    if name not in SETTINGS or not value:
        raise FieldError(
            TWIN, f"must be settings such as seed=2 separated by {SEPARATOR!r}, got {text!r:.60}: copy the link again"
        )
    try:
        return name, SETTINGS[name].parse(value)
    except FieldError as error:
        raise FieldError(TWIN, f"cannot be used, got {text!r:.60}: {error}") from error


def _only_text(name: str, query: RaceQuery) -> str:
    texts = list(query.get(name, ()))
    if len(texts) != 1:
        got = f"got {len(texts)} values, {texts[0]!r:.60} first: keep one" if texts else "got none: copy the link again"
        raise FieldError(name, f"must be in the link once, {got}")
    _check_length(name, texts[0])
    return texts[0]


def _check_length(name: str, text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise FieldError(
            name,
            f"must have at most {MAX_LENGTH} characters in a link, got {len(text)}, {text[:30]!r} first: use fewer",
        )


def _refuse_others(race: str, query: RaceQuery, expected: tuple[str, ...]) -> None:
    """Refuse parameters that the form of the link does not have: their meaning would be lost silently."""
    for name in (VALUES, TWIN):
        if name not in expected and (texts := list(query.get(name, ()))):
            raise FieldError(name, f"has no meaning for the race {race!r:.60}, got {texts[0]!r:.60}: remove it")
