"""The page of all runs stored on this machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.charts.runs_table import format_age, gap_of, matches_search, regularizer_text
from dashboard.pages import links
from dashboard.sidebar.reading import Settings
from dashboard.state import dialogs, navigation
from dashboard.state.pages import runs_page
from engine.analysis.twins import MAX_LINES
from engine.errors import FieldError
from engine.runs import states
from engine.runs.store.file import to_json
from engine.runs.store.record import MAX_NAME_LENGTH, MAX_NOTE_LENGTH, MAX_TAG_LENGTH, About
from engine.runs.store.store import Store

HEIGHT, ROW = 520, 33  # pixels of the table, so that the page fits on 720 lines, and of a row
ALL = "all"
DESCRIBE = "describe"  # key of the dialog
EVERY = 2.0  # seconds between two updates while runs train
UNDER_WAY = (states.RUNNING, states.PAUSED, states.QUEUED)


def show(settings: Settings) -> None:
    """Draw the page."""
    store = runs_page.store()
    try:
        found = store.list() if store else []
        deleted = store.list(deleted=True) if store else []
    except FieldError as error:
        st.error(escape_markdown(f"The runs cannot be read: {error}"))
        st.caption("You can still train, but new runs are lost when the server stops.")
        return
    found = [runs_page.with_live_state(about) for about in found]
    if not found and not deleted:
        empty()
        return
    shown = filters(found)
    actions = st.container(horizontal=True, vertical_alignment="center", key="transport")
    chosen = table(shown)
    with actions:
        buttons(chosen)
        import_menu()
    messages()
    summary(found, shown, deleted, store)
    for about in found:
        if (about.id,) == dialogs.subject_of(DESCRIBE):
            describe(about)
    follow(found)


def empty() -> None:
    """Show the purpose of the page, a button to train and the import."""
    with st.container(key="nothing_compared", horizontal_alignment="center"):
        st.subheader("No runs yet", anchor=False)
        st.markdown(
            "Every run is saved on this machine, from this page and from `regscope train`. You can look at it again, "
            "compare it with others, resume it after a crash, or export it to a file."
        )
        st.button("Train one", type="primary", on_click=navigation.go_to, args=(navigation.TRAIN,))
        import_menu()
        messages()


def filters(found: Sequence[About]) -> list[About]:
    """Show the search field and the filters; return the runs that match."""
    tags = sorted({tag for about in found for tag in about.tags})
    kinds = sorted({about.state for about in found})
    left, middle, right = st.columns([3, 1, 1])
    words = left.text_input(
        "Search",
        key=runs_page.SEARCH,
        placeholder="Search name, note, tags, data or regularizer",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    with middle:
        state = _filter("State", kinds, runs_page.STATE)
    with right:
        tag = _filter("Tag", tags, runs_page.TAG)
    return [
        about
        for about in found
        if matches_search(about, words or "")
        and state in (ALL, None, about.state)
        and (tag in (ALL, None) or tag in about.tags)
    ]


def _filter(label: str, values: Sequence[str], key: str) -> str | None:
    """Show a list of values to filter by; return the chosen one, or `ALL`."""
    chosen: str | None = st.selectbox(
        label,
        [ALL, *values],
        key=key,
        format_func=lambda each: f"any {label.lower()}" if each == ALL else each,
        label_visibility="collapsed",
        disabled=not values,
    )
    return chosen


def table(shown: Sequence[About]) -> list[About]:
    """Show a row for each run; return the chosen runs."""
    now = time.time()
    columns = st.column_config
    chosen = st.dataframe(
        [_row(about, now) for about in shown],
        key=runs_page.table_key(shown),
        height=min(HEIGHT, ROW * (len(shown) + 1) + 6),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="–",
        column_config={
            "Name": columns.TextColumn(width="medium"),
            "Best": columns.NumberColumn(format="%.1f %%", help="Highest accuracy on the validation or test set"),
            "At": columns.NumberColumn(help="Epoch of the best accuracy"),
            "Last": columns.NumberColumn(format="%.1f %%", help="Newest accuracy on the validation or test set"),
            "Gap": columns.NumberColumn(format="%+.1f", help="Training minus validation or test accuracy, in points"),
            "Seconds": columns.NumberColumn(format="%.1f", help="Seconds of training, without pauses"),
            "Done": columns.ProgressColumn(format="percent", min_value=0, max_value=1, width="small"),
        },
    )
    return [shown[i] for i in chosen["selection"]["rows"] if i < len(shown)]


def _row(about: About, now: float) -> dict[str, Any]:
    metrics, gap = about.metrics, gap_of(about)

    def percent(name: str) -> float | None:
        return 100 * metrics[name] if name in metrics else None

    return {
        "Name": about.name or about.id[:8],
        "State": about.state,
        "Data": about.initial_config.dataset,
        "Regularizer": regularizer_text(about.initial_config),
        "Done": round(about.epochs / about.initial_config.epochs, 2),
        "Epochs": about.initial_config.epochs,
        "Best": percent("best_accuracy"),
        "At": metrics.get("best_epoch"),
        "Last": percent("judge_accuracy"),
        "Gap": None if gap is None else 100 * gap,
        "Seconds": about.seconds,
        "Begun": format_age(about.created, now),
        "Tags": list(about.tags),
    }


def buttons(chosen: list[About]) -> None:
    """Show the buttons for the chosen runs."""
    one = chosen[0] if len(chosen) == 1 else None
    st.button(
        "Open",
        key="open_run",
        type="primary",
        on_click=runs_page.open_run,
        args=(one.id if one else "",),
        disabled=one is None,
        help="Show it on the Train page. Choose one row.",
    )
    st.button(
        "Compare",
        on_click=runs_page.compare,
        args=(chosen,),
        disabled=not 2 <= len(chosen) <= MAX_LINES,
        help=f"Show them on the same axes. Choose 2 to {MAX_LINES} rows.",
    )
    st.button(
        "Stop",
        on_click=runs_page.stop,
        args=(chosen,),
        disabled=not chosen or any(about.state not in UNDER_WAY for about in chosen),
        help="Stop runs that train, wait or are paused. They stay saved and can be resumed.",
    )
    st.button(
        "Resume",
        on_click=runs_page.resume,
        args=(chosen,),
        disabled=not chosen or any(about.state not in states.RESUMABLE for about in chosen),
        help="Continue interrupted or stopped runs exactly where they were.",
    )
    st.button(
        "Describe",
        on_click=dialogs.open_next,
        args=(DESCRIBE, one.id if one else ""),
        disabled=one is None,
        help="Change name, tags and note. Choose one row.",
    )
    st.download_button(
        "Export",
        data=lambda: _exported(one),
        file_name=f"regscope-{one.id[:8]}.json" if one else "regscope.json",
        mime="application/json",
        on_click="ignore",
        disabled=one is None,
        help="The whole run as JSON, to import on another machine. For other files open the run and export it there.",
    )
    st.button(
        "Delete",
        on_click=runs_page.delete,
        args=(chosen,),
        disabled=not chosen or any(about.state in UNDER_WAY for about in chosen),
        help="Deleted runs can be restored for a day. Stop runs that train before you delete them.",
    )
    if many := runs_page.undoable():
        st.button(f"Undo delete ({many})", on_click=runs_page.undo, help="Restore the runs that were deleted last.")


def _exported(one: About | None) -> bytes:
    store = runs_page.store()
    record = store.load(one.id) if store and one else None
    return to_json(record).encode() if record else b""


@st.dialog("Describe this run", on_dismiss=dialogs.close)
def describe(about: About) -> None:
    """Edit the name, tags and note of a run."""
    name = st.text_input(
        "Name", about.name, max_chars=MAX_NAME_LENGTH, placeholder=regularizer_text(about.initial_config)
    )
    tags = st.text_input(
        "Tags", ", ".join(about.tags), help=f"Separated by commas, at most {MAX_TAG_LENGTH} letters each."
    )
    note = st.text_area("Note", about.note, max_chars=MAX_NOTE_LENGTH)
    if st.button("Save", type="primary"):
        if runs_page.describe(about.id, name, tags.split(","), note):
            dialogs.close()
            st.rerun()
        for refused in runs_page.refused():
            st.error(escape_markdown(refused))


def import_menu() -> None:
    """Show the import of runs from files."""
    with (
        st.popover(
            "Import",
            icon=":material/upload:",
            help="Import runs that were exported as JSON, on this machine or another.",
        ),
        st.form("import", clear_on_submit=True, border=False),
    ):
        files = st.file_uploader("Runs, as JSON", type="json", accept_multiple_files=True)
        if st.form_submit_button("Import") and files:
            runs_page.import_files([(file.name, file.getvalue()) for file in files])
            st.rerun()


def messages() -> None:
    """Show the results of the last import and the errors of the last action."""
    links.refused()
    for succeeded, line in runs_page.import_messages():
        (st.success if succeeded else st.error)(escape_markdown(line))
    for line in runs_page.refused():
        st.error(escape_markdown(line))


def follow(found: Sequence[About]) -> None:
    """Update the page while runs train, on this server or in another program."""
    moving = [about for about in found if about.state in (states.RUNNING, states.QUEUED)]
    if not moving:
        return

    made = time.monotonic()

    @st.fragment(run_every=EVERY, key="follow")
    def look() -> None:
        # the fragment also runs with the page itself, when a rerun would never end
        if time.monotonic() - made > EVERY / 2 and any(runs_page.read_again(about) != about for about in moving):
            st.rerun()

    look()


def summary(found: Sequence[About], shown: Sequence[About], deleted: Sequence[About], store: Store | None) -> None:
    """Show the number of runs, the size of the store, and the deleted runs."""
    size = f"{store.nbytes() / 1e6:.1f} MB in {store.path}" if store else "not saved"
    some = f"{len(shown)} of {len(found)}" if len(shown) < len(found) else str(len(found))
    st.caption(escape_markdown(f"{some} {'run' if len(found) == 1 else 'runs'}, {size}."))
    if deleted:
        with st.expander(f"Deleted, for a day ({len(deleted)})"):
            for about in deleted[:20]:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.button("Restore", key=f"restore_{about.id}", on_click=runs_page.restore, args=([about],))
                    name, config = about.name or about.id[:8], about.initial_config
                    st.caption(escape_markdown(f"{name}: {regularizer_text(config)}, {config.dataset}"))
