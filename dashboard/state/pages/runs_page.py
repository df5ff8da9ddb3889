"""The state of the page Runs: its table, the last deletion, and messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import streamlit as st

from dashboard.live.hub import get_hub
from dashboard.state import page_run
from dashboard.state.pages import compare_page
from engine.analysis.twins import MAX_LINES
from engine.errors import FieldError
from engine.runs import states
from engine.runs.names import display_name
from engine.runs.store.json_file import from_json, import_record
from engine.runs.store.record import About
from engine.runs.store.store import Store

TABLE = "runs.table"  # keys of widgets
CARD = "runs.card"  # first part of the keys of the check boxes
CARDS_AT_ONCE = 20
SEARCH, STATE, TAG = "runs.search", "runs.state", "runs.tag"

_UNDO = "runs.undo"  # the ids of the last deletion
_IMPORTED = "runs.imported"  # the messages of the last import
_REFUSED = "runs.refused"
_TABLE_USES, _CARD_USES = "runs.table_uses", "runs.card_uses"  # counts that are parts of keys
_CARDS = "runs.cards"  # the number of cards shown


def store() -> Store | None:
    """Return the store of this server, or None if it saves no runs."""
    return get_hub().manager.store


def with_live_state(about: About) -> About:
    """Return the row of a run, with its current state and step if this server trains it."""
    run = get_hub().manager.get_from_memory(about.id)
    if run is not None and run.state not in states.FINAL:
        return run.summary_with_notes(about)
    # a worker of this server that has just ended may still hold the lock of its run
    here = run is not None and run.state != states.ELSEWHERE and run.process is not None
    return about if about.state in states.ENDED or here else replace(about, state=states.ELSEWHERE)


def reload(about: About) -> About | None:
    """Return the current row of a run, or None if it was deleted or cannot be read."""
    run_store = store()
    try:
        reloaded = run_store.load_about(about.id) if run_store else None
    except FieldError:
        return None
    return None if reloaded is None or reloaded.deleted else with_live_state(reloaded)


def table_key(rows: Sequence[About]) -> str:
    """Return the key of the table. It changes with the rows, because a table stores the chosen rows by number."""
    return f"{TABLE}.{st.session_state.get(_CARD_USES, 0)}.{hash(tuple(about.id for about in rows))}"


def card_key(about: About) -> str:
    """Return the key of the check box of a run in the list for narrow screens."""
    return f"{CARD}.{st.session_state.get(_TABLE_USES, 0)}.{about.id}"


def use_table() -> None:
    """Uncheck all cards, because rows of the table were chosen: runs are chosen in one of them only."""
    st.session_state[_TABLE_USES] = st.session_state.get(_TABLE_USES, 0) + 1


def use_cards() -> None:
    """Deselect all rows of the table, because a card was checked."""
    st.session_state[_CARD_USES] = st.session_state.get(_CARD_USES, 0) + 1


def card_count() -> int:
    """Return the maximum number of cards to show."""
    count: int = st.session_state.get(_CARDS, CARDS_AT_ONCE)
    return count


def show_more_cards() -> None:
    """Show more cards."""
    st.session_state[_CARDS] = card_count() + CARDS_AT_ONCE


def open_run(run_id: str) -> None:
    """Show a run on the page Train, with its settings in the sidebar."""
    if not page_run.open_stored(run_id):
        st.session_state[_REFUSED] = [_unreadable_message([_name_in_store(run_id)])]


def compare(selected: Sequence[About]) -> None:
    """Show runs on the page Compare. If one cannot be read, show none; `errors` returns the reason."""
    runs = {about.id: get_hub().manager.get(about.id) for about in selected[:MAX_LINES]}
    if missing := [display_name(about) for about in selected[:MAX_LINES] if runs[about.id] is None]:
        st.session_state[_REFUSED] = [_unreadable_message(missing)]
        return
    st.session_state.pop(_REFUSED, None)
    compare_page.go_to_runs([run for run in runs.values() if run is not None])


def resume(selected: Iterable[About]) -> None:
    """Resume runs that were interrupted or stopped. `errors` returns those that cannot be resumed, with the reasons."""
    messages = []
    for about in selected:
        run = get_hub().manager.get(about.id)
        try:
            if run is not None:
                get_hub().manager.resume(run)
        except FieldError as error:
            messages.append(str(error))
    st.session_state[_REFUSED] = messages


def stop(selected: Iterable[About]) -> None:
    """Stop runs that this server trains. `errors` returns those that another program trains."""
    messages = []
    for about in selected:
        run = get_hub().manager.get_from_memory(about.id)
        if run is not None:
            get_hub().manager.stop(run)
        else:
            messages.append(f"{display_name(about)} is trained by another program on this machine: stop it there.")
    st.session_state[_REFUSED] = messages


def delete(selected: Sequence[About]) -> None:
    """Delete runs; `undo_delete` restores those of the last deletion."""
    if _change_store(lambda run_store: run_store.delete([about.id for about in selected])):
        for about in selected:
            get_hub().manager.remove_from_memory(about.id)
        st.session_state[_UNDO] = [about.id for about in selected]


def delete_for_good(run_ids: Sequence[str]) -> bool:
    """Remove deleted runs permanently and give their space back; return whether that succeeded."""
    succeeded = _change_store(lambda run_store: run_store.delete_for_good(run_ids))
    if succeeded:
        remaining = [run_id for run_id in st.session_state.get(_UNDO, []) if run_id not in run_ids]
        st.session_state[_UNDO] = remaining
    return succeeded


def delete_damaged(key: str) -> None:
    """Delete a run that cannot be read. `key`: see `DamagedRun`."""
    _change_store(lambda run_store: run_store.delete_damaged([key]))


def undo_delete() -> None:
    """Restore the runs of the last deletion."""
    ids = st.session_state.pop(_UNDO, [])
    _change_store(lambda run_store: run_store.restore(ids))


def undoable_count() -> int:
    """Return the number of runs that `undo_delete` restores."""
    return len(st.session_state.get(_UNDO, []))


def restore(selected: Sequence[About]) -> None:
    """Restore deleted runs."""
    _change_store(lambda run_store: run_store.restore([about.id for about in selected]))


def set_description(run_id: str, name: str, tags: Sequence[str], note: str) -> bool:
    """Store the name, tags and note of a run; return whether that succeeded."""
    succeeded = _change_store(lambda run_store: run_store.set_description(run_id, name=name, tags=tags, note=note))
    if succeeded and (run := get_hub().manager.get_from_memory(run_id)) is not None:
        run.rename(name)
    return succeeded


def import_files(files: Iterable[tuple[str, bytes]]) -> None:
    """Import runs from files, given by name and content. `import_messages` returns the outcome of each."""
    messages = []
    run_store = store()
    for name, content in files:
        try:
            if run_store is None:
                raise FieldError("store", "is missing: this server stores no runs")
            run_id, outcome = import_record(run_store, from_json(content))
            messages.append((True, f"{name}: the run {_name_in_store(run_id)} {outcome}."))
        except FieldError as error:
            messages.append((False, f"{name}: {error}"))
    st.session_state[_IMPORTED] = messages


def import_messages() -> list[tuple[bool, str]]:
    """Return the outcome of the last import, per file: whether it succeeded, and a message."""
    messages: list[tuple[bool, str]] = st.session_state.get(_IMPORTED, [])
    return messages


def store_notice() -> str | None:
    """Return that the file of the store was moved or deleted while this server ran, else None."""
    return get_hub().manager.persistence.notice()


def errors() -> list[str]:
    """Return why the last command was refused, one message for each run."""
    messages: list[str] = st.session_state.get(_REFUSED, [])
    return messages


def _name_in_store(run_id: str) -> str:
    """Return the name of a stored run; a part of its id if its row cannot be read."""
    run_store = store()
    try:
        about = run_store.load_about(run_id) if run_store else None
    except FieldError:
        about = None
    return display_name(about) if about else run_id[:8]


def _unreadable_message(names: Sequence[str]) -> str:
    return f"{', '.join(names)} cannot be read: damaged, or deleted meanwhile. Delete it here."


def _change_store(change: Callable[[Store], object]) -> bool:
    """Apply a change to the store; return whether it succeeded, with the reason in `errors` if not."""
    st.session_state.pop(_REFUSED, None)
    run_store = store()
    if run_store is None:
        return False
    try:
        change(run_store)
    except FieldError as error:
        st.session_state[_REFUSED] = [str(error)]
        return False
    return True
