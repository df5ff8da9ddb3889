"""The state of the page of runs: which rows are chosen, what was deleted last, what an import said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import streamlit as st

from dashboard.live.hub import the_hub
from dashboard.state import navigation, page_run
from dashboard.state.pages import compare_page
from engine.analysis.twins import MAX_LINES
from engine.errors import FieldError
from engine.runs import states
from engine.runs.store.file import from_json, import_into
from engine.runs.store.record import About
from engine.runs.store.store import Store

TABLE = "runs.table"
SEARCH, STATE, TAG = "runs.search", "runs.state", "runs.tag"

_UNDO = "runs.undo"  # the ids that were deleted last
_SAID = "runs.said"  # what an import came to, line by line
_REFUSED = "runs.refused"


def store() -> Store | None:
    """Where this server keeps its runs."""
    return the_hub().manager.store


def live(about: About) -> About:
    """What this server knows better: the state and the steps of a run that it trains."""
    run = the_hub().manager.known(about.id)
    return about if run is None or run.state in states.FINAL else run.summary_with_notes(about)


def now(about: About) -> About | None:
    """A run as it stands by now; None where it cannot be read."""
    kept = store()
    try:
        found = kept.about(about.id) if kept else None
    except FieldError:
        return None
    return None if found is None or found.deleted else live(found)


def table_key(shown: Sequence[About]) -> str:
    """The key of the table: another with other rows, as it knows the chosen ones by their place alone."""
    return f"{TABLE}.{hash(tuple(about.id for about in shown))}"


def open_run(run_id: str) -> None:
    """Show a run on the Train page, its settings in the sidebar."""
    if page_run.open_kept(run_id):
        navigation.go_to(navigation.TRAIN)
    else:
        st.session_state[_REFUSED] = [_unreadable([run_id])]


def compare(chosen: Sequence[About]) -> None:
    """Show runs side by side; where one cannot be read, none, and it is kept for `refused`."""
    found = {about.id: the_hub().manager.get(about.id) for about in chosen[:MAX_LINES]}
    if missing := [run_id for run_id, run in found.items() if run is None]:
        st.session_state[_REFUSED] = [_unreadable(missing)]
        return
    st.session_state.pop(_REFUSED, None)
    compare_page.show([run for run in found.values() if run is not None])
    navigation.go_to("compare")


def resume(chosen: Iterable[About]) -> None:
    """Let runs that were interrupted or stopped go on; why one cannot is kept for `refused`."""
    told = []
    for about in chosen:
        run = the_hub().manager.get(about.id)
        try:
            if run is not None:
                the_hub().manager.resume(run)
        except FieldError as error:
            told.append(str(error))
    st.session_state[_REFUSED] = told


def stop(chosen: Iterable[About]) -> None:
    """End runs that this server trains; they can be resumed. Of others `refused` says who can."""
    told = []
    for about in chosen:
        run = the_hub().manager.known(about.id)
        if run is not None:
            the_hub().manager.stop(run)
        else:
            told.append(f"{about.id[:8]} is trained by another program on this machine: end it there.")
    st.session_state[_REFUSED] = told


def delete(chosen: Sequence[About]) -> None:
    """Delete runs; the last such deletion can be undone with `undo`."""
    if _tried(lambda kept: kept.delete([about.id for about in chosen])):
        for about in chosen:
            the_hub().manager.forget(about.id)
        st.session_state[_UNDO] = [about.id for about in chosen]


def undo() -> None:
    """Bring back what was deleted last."""
    ids = st.session_state.pop(_UNDO, [])
    _tried(lambda kept: kept.restore(ids))


def undoable() -> int:
    """How many runs `undo` would bring back."""
    return len(st.session_state.get(_UNDO, []))


def restore(chosen: Sequence[About]) -> None:
    """Bring deleted runs back."""
    _tried(lambda kept: kept.restore([about.id for about in chosen]))


def describe(run_id: str, name: str, tags: Sequence[str], note: str) -> bool:
    """Write down what a person says of a run; whether it could be."""
    done = _tried(lambda kept: kept.describe(run_id, name=name, tags=tags, note=note))
    if done and (run := the_hub().manager.known(run_id)) is not None:
        run.name = name
    return done


def take_files(files: Sequence[tuple[str, bytes]]) -> None:
    """Import runs; what became of each file is kept for `said`."""
    told = []
    kept = store()
    for name, content in files:
        try:
            if kept is None:
                raise FieldError("store", "is not there: this server keeps nothing")
            run_id, done = import_into(kept, from_json(content))
            told.append((True, f"{name}: the run {run_id} {done}."))
        except FieldError as error:
            told.append((False, f"{name}: {error}"))
    st.session_state[_SAID] = told


def said() -> list[tuple[bool, str]]:
    """What the last import came to: whether it went well, and in words."""
    found: list[tuple[bool, str]] = st.session_state.get(_SAID, [])
    return found


def refused() -> list[str]:
    """Why what was asked for last was not done."""
    found: list[str] = st.session_state.get(_REFUSED, [])
    return found


def _unreadable(ids: Sequence[str]) -> str:
    return f"{', '.join(run_id[:8] for run_id in ids)} cannot be read: damaged, or deleted meanwhile. Delete it here."


def _tried(do: Callable[[Store], None]) -> bool:
    st.session_state.pop(_REFUSED, None)
    kept = store()
    if kept is None:
        return False
    try:
        do(kept)
    except FieldError as error:
        st.session_state[_REFUSED] = [str(error)]
        return False
    return True
