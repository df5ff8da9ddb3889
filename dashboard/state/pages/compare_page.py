"""The state of the compare page: which runs stand side by side, and the race that its form describes.

A page belongs to its runs through its address, `?view=compare&runs=…`: that is what survives a reload.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.live.hub import the_hub
from dashboard.live.run_group import RunGroup
from dashboard.state.settings.penalty_choice import LAMBDAS
from engine import FieldError, RunConfig, dataset_of
from engine.analysis.twins import Twin, race, vary
from engine.config import SETTINGS
from engine.data import check_selection
from engine.runs import states
from engine.runs.server.run import Run

RUNS = "runs"  # the query parameter
PRESET = "race.preset"  # the keys of the form's widgets
FIELD = "race.field"
VALUES = "race.values"
ONE_FIELD = "one field, these values"  # beside the presets

_STARTED = "race.started"  # how many races this page has started
_LOST = "race.lost"
_ERROR = "race.error"


def runs() -> list[Run]:
    """The runs in the address that this server knows; of the others the page says that they are gone."""
    named = [part for part in st.query_params.get(RUNS, "").split(",") if part]
    found = [run for name in dict.fromkeys(named) if (run := the_hub().manager.get(name))]
    lost = len(set(named)) - len(found)
    if lost:
        # what stands in an address may be anything: only what looks like runs' ids is counted
        whose = f"{lost} of the runs" if all(re.fullmatch("[0-9a-f]{16}", name) for name in named) else "Some runs"
        is_, was = ("is", "it was") if whose.startswith("1 ") else ("are", "they were")
        show(found)
        st.session_state[_LOST] = (
            f"{whose} in the address {is_} not kept here: {was} deleted, or trained on another machine."
        )
    return found


def group() -> RunGroup | None:
    """The runs of this page as one; None where there are none, or more than can be shown together."""
    found = runs()
    try:
        return RunGroup(found) if found else None
    except FieldError as error:
        st.session_state[_ERROR] = str(error)
        return None


def show(which: Sequence[Run]) -> None:
    """Make these the runs of this page; what was said of those before is no longer said."""
    for key in (_ERROR, _LOST):
        st.session_state.pop(key, None)
    if which:
        st.query_params[RUNS] = ",".join(run.id for run in which)
    elif RUNS in st.query_params:
        del st.query_params[RUNS]


def start(twins: Sequence[Twin], pace: float | None) -> None:
    """Start a race and show it in the place of the one before, which ends; a refusal is kept for `error`.

    Where one of the runs cannot be started, those that have been are stopped.
    """
    manager, before = the_hub().manager, group()
    name, started = secrets.token_hex(4), []
    for twin in twins:
        try:
            started.append(manager.start(twin.config, pace, name=twin.name, group=name))
        except FieldError as error:
            for run in started:
                manager.stop(run, "the race that it was part of could not be started whole")
            st.session_state[_ERROR] = f"The race cannot start: {error}"
            return
    for run in before.runs if before else ():
        if run.group and run.state not in states.FINAL:
            manager.stop(run, "another race took its place")
    st.session_state[_STARTED] = st.session_state.get(_STARTED, 0) + 1
    show(started)


def refuse(words: str | None) -> None:
    """Keep for `error` why a race cannot be made, or cannot go on; None for no reason any more."""
    st.session_state[_ERROR] = words


def lost() -> str | None:
    """What has become of runs in the address that this server does not know."""
    return st.session_state.get(_LOST)


def error() -> str | None:
    """Why the last race was refused, or these runs cannot be shown."""
    return st.session_state.get(_ERROR)


# the form


def form() -> str:
    """The key of the form: another after each start, and so it is closed then."""
    return f"race.form.{st.session_state.get(_STARTED, 0)}"


def asked_twins(config: RunConfig) -> tuple[Twin, ...]:
    """The twins that the form describes, made from a config.

    Raises:
        FieldError: as `race` and `vary` do, and for twins that their data cannot be trained with.
    """
    if varies_one_field():
        field = st.session_state.get(FIELD) or LAMBDAS[0]
        return checked(vary(config, field, values_of(field, st.session_state.get(VALUES) or "")))
    return twins_of(config, st.session_state[PRESET])


def varies_one_field() -> bool:
    """Whether the form asks for values of one field, in the place of a preset."""
    return bool(st.session_state.get(PRESET) == ONE_FIELD)


def twins_of(config: RunConfig, preset: str) -> tuple[Twin, ...]:
    """The twins of a preset. Raises as `asked_twins` does."""
    return checked(race(config, preset, check_selection(config, dataset_of(config))))


def checked(twins: tuple[Twin, ...]) -> tuple[Twin, ...]:
    """Twins whose data can be trained with, each of them. Raises `FieldError`."""
    for twin in twins:
        check_selection(twin.config, dataset_of(twin.config))
    return twins


def values_of(field: str, text: str) -> list[Any]:
    """The values in "0.1, 1, 10": with commas between, hidden layers with semicolons.

    Raises:
        FieldError: for a field that does not exist, or a value that it cannot have.
    """
    between = ";" if field == "hidden" else ","
    parts = [part.strip() for part in text.split(between)] if text.strip() else []
    if field not in SETTINGS:
        return parts  # `vary` refuses the field
    if field == "hidden":
        parts = [part or "none" for part in parts]  # "30; ; 100" has a network without a hidden layer, too
    return [SETTINGS[field].parse(part) for part in parts if part]
