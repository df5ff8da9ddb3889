"""The state of the page Runs: its table, the last deletion, and messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import streamlit as st

from dashboard.live.hub import the_hub
from dashboard.state import navigation, page_run
from dashboard.state.pages import compare_page
from engine.analysis.twins import MAX_LINES
from engine.errors import FieldError
from engine.runs import states
from engine.runs.store.json_file import from_json, import_record
from engine.runs.store.record import About
from engine.runs.store.store import Store

TABLE = "runs.table"  # keys of widgets
SEARCH, STATE, TAG = "runs.search", "runs.state", "runs.tag"

_UNDO = "runs.undo"  # the ids of the last deletion
_IMPORTED = "runs.imported"  # the messages of the last import
_REFUSED = "runs.refused"


def store() -> Store | None:
    """Return the store of this server, or None if it keeps no runs."""
    return the_hub().manager.store


def with_live_state(about: About) -> About:
    """Return the row of a run, with the current state and step if this server trains it."""
    run = the_hub().manager.get_from_memory(about.id)
    return about if run is None or run.state in states.FINAL else run.summary_with_notes(about)


def read_again(about: About) -> About | None:
    """Return the current row of a run, or None if it was deleted or cannot be read."""
    here = store()
    try:
        found = here.load_about(about.id) if here else None
    except FieldError:
        return None
    return None if found is None or found.deleted else with_live_state(found)


def table_key(shown: Sequence[About]) -> str:
    """Return the key of the table. It changes with the rows, because a table keeps chosen rows by their number."""
    return f"{TABLE}.{hash(tuple(about.id for about in shown))}"


def open_run(run_id: str) -> None:
    """Show a run on the page Train, with its settings in the sidebar."""
    if page_run.open_stored(run_id):
        navigation.go_to(navigation.TRAIN)
    else:
        st.session_state[_REFUSED] = [_unreadable([run_id])]


def compare(chosen: Sequence[About]) -> None:
    """Show runs side by side. If one cannot be read, show none; `refused` then returns why."""
    found = {about.id: the_hub().manager.get(about.id) for about in chosen[:MAX_LINES]}
    if missing := [run_id for run_id, run in found.items() if run is None]:
        st.session_state[_REFUSED] = [_unreadable(missing)]
        return
    st.session_state.pop(_REFUSED, None)
    compare_page.show([run for run in found.values() if run is not None])
    navigation.go_to("compare")


def resume(chosen: Iterable[About]) -> None:
    """Resume runs that were interrupted or stopped. `refused` then returns which cannot be resumed, and why."""
    messages = []
    for about in chosen:
        run = the_hub().manager.get(about.id)
        try:
            if run is not None:
                the_hub().manager.resume(run)
        except FieldError as error:
            messages.append(str(error))
    st.session_state[_REFUSED] = messages


def stop(chosen: Iterable[About]) -> None:
    """Stop runs that this server trains. `refused` then returns which are trained by another program."""
    messages = []
    for about in chosen:
        run = the_hub().manager.get_from_memory(about.id)
        if run is not None:
            the_hub().manager.stop(run)
        else:
            messages.append(f"{about.id[:8]} is trained by another program on this machine: end it there.")
    st.session_state[_REFUSED] = messages


def delete(chosen: Sequence[About]) -> None:
    """Delete runs; `undo` brings back those of the last deletion."""
    if _change_store(lambda here: here.delete([about.id for about in chosen])):
        for about in chosen:
            the_hub().manager.remove_from_memory(about.id)
        st.session_state[_UNDO] = [about.id for about in chosen]


def undo() -> None:
    """Restore the runs of the last deletion."""
    ids = st.session_state.pop(_UNDO, [])
    _change_store(lambda here: here.restore(ids))


def undoable() -> int:
    """Return the number of runs that `undo` restores."""
    return len(st.session_state.get(_UNDO, []))


def restore(chosen: Sequence[About]) -> None:
    """Restore deleted runs."""
    _change_store(lambda here: here.restore([about.id for about in chosen]))


def describe(run_id: str, name: str, tags: Sequence[str], note: str) -> bool:
    """Store the name, tags and note of a run; return whether that succeeded."""
    done = _change_store(lambda here: here.describe(run_id, name=name, tags=tags, note=note))
    if done and (run := the_hub().manager.get_from_memory(run_id)) is not None:
        run.rename(name)
    return done


def import_files(files: Sequence[tuple[str, bytes]]) -> None:
    """Import runs from files, given by name and content. `import_messages` then returns the outcome of each."""
    messages = []
    here = store()
    for name, content in files:
        try:
            if here is None:
                raise FieldError("store", "is not there: this server keeps nothing")
            run_id, done = import_record(here, from_json(content))
            messages.append((True, f"{name}: the run {run_id} {done}."))
        except FieldError as error:
            messages.append((False, f"{name}: {error}"))
    st.session_state[_IMPORTED] = messages


def import_messages() -> list[tuple[bool, str]]:
    """Return the outcome of the last import, per file: whether it succeeded, and a message."""
    found: list[tuple[bool, str]] = st.session_state.get(_IMPORTED, [])
    return found


def refused() -> list[str]:
    """Return why the last command was refused, one message for each run."""
    found: list[str] = st.session_state.get(_REFUSED, [])
    return found


def _unreadable(ids: Sequence[str]) -> str:
    return f"{', '.join(run_id[:8] for run_id in ids)} cannot be read: damaged, or deleted meanwhile. Delete it here."


def _change_store(change: Callable[[Store], None]) -> bool:
    """Apply a change to the store; return whether it succeeded, with the reason in `refused` if not."""
    st.session_state.pop(_REFUSED, None)
    here = store()
    if here is None:
        return False
    try:
        change(here)
    except FieldError as error:
        st.session_state[_REFUSED] = [str(error)]
        return False
    return True
