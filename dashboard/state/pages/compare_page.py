"""The state of the page Compare: the runs side by side, and the form of a race.

The address contains their ids, `?view=compare&runs=…`, so a reloaded page shows the same runs.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.live.hub import get_hub
from dashboard.live.run_group import RunGroup
from dashboard.state import navigation
from dashboard.state.pages.evidence_state import DAMAGE, PART
from dashboard.state.settings import parameters, race_links
from dashboard.state.settings.regularizer_choice import LAMBDA_FIELDS
from engine import FieldError, RunConfig, dataset_of
from engine.analysis.twins import MAX_LINES, Twin, race_twins, vary_setting
from engine.config import SETTINGS
from engine.data import check_example_selection
from engine.runs import states
from engine.runs.server.run import Run

COMPARE_PAGE = "compare"  # the name of the page
RUNS = parameters.RUNS  # the query parameter
PRESET = "race.preset"  # keys of the form's widgets
FIELD = "race.field"
VALUES = "race.values"
ONE_FIELD = "one field, these values"  # the option of the form that has no preset

_RACE_COUNT = "race.started"  # the number of races that this page has started
_MISSING = "race.missing"
_ERROR = "race.error"


def current_runs() -> list[Run]:
    """Return the runs in the address that exist. `missing_runs` returns a message about the others.

    Raises:
        FieldError: if the address names too many runs; then none is looked up.
    """
    ids = list(dict.fromkeys(run_id for run_id in (parameters.text(RUNS) or "").split(",") if run_id))
    if len(ids) > MAX_LINES:
        raise FieldError(RUNS, f"must be 1 to {MAX_LINES} to be compared live, got {len(ids)}: take fewer")
    runs = [run for run_id in ids if (run := get_hub().manager.get(run_id))]
    missing = len(ids) - len(runs)
    if missing:
        # an address may contain any text: give the number only if every text has the form of an id
        subject = (
            f"{missing} of the runs" if all(re.fullmatch("[0-9a-f]{16}", run_id) for run_id in ids) else "Some runs"
        )
        verb, clause_start = ("is", "it was") if subject.startswith("1 ") else ("are", "they were")
        show_runs(runs)
        st.session_state[_MISSING] = (
            f"{subject} in the address {verb} not stored here: {clause_start} deleted, or trained on another machine."
        )
    return runs


def current_group() -> RunGroup | None:
    """Return the runs of this page as a group; None without runs, or with too many for the same axes."""
    try:
        runs = current_runs()
        return RunGroup(runs) if runs else None
    except FieldError as error:
        st.session_state[_ERROR] = str(error)
        return None


def show_runs(runs: Sequence[Run]) -> None:
    """Show these runs and clear earlier messages."""
    _clear_messages()
    parameters.write({RUNS: _ids_text(runs) if runs else []})


def go_to_runs(runs: Sequence[Run]) -> None:
    """Show these runs on the page Compare, from the next script run on."""
    _clear_messages()
    navigation.go_to(COMPARE_PAGE, _parameters_of(runs))


def go_to_damage(runs: Sequence[Run]) -> None:
    """Show the damage of these runs on the page Compare, from the next script run on; do nothing without runs."""
    if not runs:
        return
    if navigation.current_page() == COMPARE_PAGE:
        st.session_state[PART] = DAMAGE  # the widget writes it into the address
    else:
        _clear_messages()
        navigation.go_to(COMPARE_PAGE, {**_parameters_of(runs), PART: DAMAGE})


def _parameters_of(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the query parameters of these runs; they replace the race of a link, see `shared_race`."""
    return {RUNS: _ids_text(runs), **{name: [] for name in race_links.PARAMETERS}}


def _ids_text(runs: Sequence[Run]) -> str:
    return ",".join(run.id for run in runs)


def _clear_messages() -> None:
    for key in (_ERROR, _MISSING):
        st.session_state.pop(key, None)


def start_race(twins: Sequence[Twin], pace: float | None) -> None:
    """Start a race and stop the previous one.

    If one of the runs cannot start, the others are stopped and the previous race continues. `error` returns the
    reason.
    """
    manager, previous_group = get_hub().manager, current_group()
    race_id, new_runs = secrets.token_hex(4), []
    ending = runs_that_a_race_ends(previous_group)
    try:
        manager.memory.check_configs([twin.config for twin in twins], ending)  # all together, before one is started
    except FieldError as error:
        st.session_state[_ERROR] = f"The race cannot start: {error}"
        return
    for twin in twins:
        try:
            new_runs.append(manager.start(twin.config, pace, name=twin.name, group=race_id, ending=ending))
        except FieldError as error:
            for run in new_runs:
                manager.stop(run, "another run of its race could not start")
            st.session_state[_ERROR] = f"The race cannot start: {error}"
            return
    for run in ending:
        manager.stop(run, "another race has replaced it")
    st.session_state[_RACE_COUNT] = st.session_state.get(_RACE_COUNT, 0) + 1
    go_to_runs(new_runs)


def runs_that_a_race_ends(group: RunGroup | None) -> list[Run]:
    """Return the runs of a race that still train, which the next race stops."""
    return [run for run in (group.runs if group else ()) if run.group and run.state not in states.FINAL]


def set_error(message: str | None) -> None:
    """Set the message that `error` returns; None for no message."""
    st.session_state[_ERROR] = message


def missing_runs() -> str | None:
    """Return a message if runs in the address do not exist on this server, else None."""
    return st.session_state.get(_MISSING)


def error() -> str | None:
    """Return why the last race was refused or these runs cannot be shown, or None."""
    return st.session_state.get(_ERROR)


# the form


def form_key() -> str:
    """Return the key of the form. Each new race changes the key, so the form closes when a race starts."""
    return f"race.form.{st.session_state.get(_RACE_COUNT, 0)}"


def form_twins(config: RunConfig) -> tuple[Twin, ...]:
    """Return the twins that the form describes, made from a config.

    Raises:
        FieldError: as `race_twins` and `vary_setting`, and if a twin cannot be trained with its data set.
    """
    if varies_one_field():
        field = st.session_state.get(FIELD) or LAMBDA_FIELDS[0]
        return check_twins(vary_setting(config, field, parse_values(field, st.session_state.get(VALUES) or "")))
    return preset_twins(config, st.session_state[PRESET])


def varies_one_field() -> bool:
    """Return whether the form describes values of one field and not a preset."""
    return bool(st.session_state.get(PRESET) == ONE_FIELD)


def preset_twins(config: RunConfig, preset: str) -> tuple[Twin, ...]:
    """Return the twins of a preset. Raises as `form_twins`."""
    return check_twins(race_twins(config, preset, check_example_selection(config, dataset_of(config))))


def check_twins(twins: tuple[Twin, ...]) -> tuple[Twin, ...]:
    """Return the twins; raise `FieldError` if they cannot be trained together with their data."""
    for twin in twins:
        check_example_selection(twin.config, dataset_of(twin.config))
    get_hub().manager.memory.check_configs([twin.config for twin in twins], runs_that_a_race_ends(_shown_group()))
    return twins


def _shown_group() -> RunGroup | None:
    """Return the runs in the address as a group if all are in memory; never read the disk."""
    manager = get_hub().manager
    run_ids = dict.fromkeys((parameters.text(RUNS) or "").split(","))
    runs = [run for run_id in run_ids if (run := manager.get_from_memory(run_id))]
    return RunGroup(runs) if 0 < len(runs) <= MAX_LINES else None


def parse_values(field: str, text: str) -> list[Any]:
    """Return the values of a field in a text such as "0.1, 1, 10".

    Raises:
        FieldError: for a value that the field cannot have.
    """
    return SETTINGS[field].parse_list(text) if field in SETTINGS else [text]  # `vary_setting` refuses an unknown field
