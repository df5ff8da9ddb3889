"""All runs that are kept on this machine: to open, compare, resume, name, delete, and to bring in from files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.charts.escaping import plain
from dashboard.charts.runs_table import ago, found_by, gap_of, trained_with
from dashboard.pages import links
from dashboard.sidebar.reading import Settings
from dashboard.state import dialogs, navigation
from dashboard.state.pages import runs_page
from engine.analysis.twins import MOST
from engine.errors import FieldError
from engine.runs import states
from engine.runs.store.file import to_json
from engine.runs.store.record import MAX_NAME_LENGTH, MAX_NOTE_LENGTH, MAX_TAG_LENGTH, About
from engine.runs.store.store import Store

HEIGHT, ROW = 520, 33  # pixels of the table, for the whole page to stand on 720 lines, and of a row
ALL = "all"
DESCRIBE = "describe"  # the dialog
EVERY = 2.0  # seconds between two looks at what is being trained
UNDER_WAY = (states.RUNNING, states.PAUSED, states.QUEUED)


def show(settings: Settings) -> None:
    store = runs_page.store()
    try:
        found = store.list() if store else []
        deleted = store.list(deleted=True) if store else []
    except FieldError as error:
        st.error(plain(f"The runs cannot be read: {error}"))
        st.caption("Training goes on all the same; what is trained meanwhile is gone with the server.")
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
        brought()
    messages()
    foot(found, shown, deleted, store)
    for about in found:
        if (about.id,) == dialogs.subject_of(DESCRIBE):
            describe(about)
    follow(found)


def empty() -> None:
    with st.container(key="nothing_compared", horizontal_alignment="center"):
        st.subheader("No runs yet", anchor=False)
        st.markdown(
            "Every run is kept on this machine, from this page and from `regscope train`: to look at again, to "
            "compare, to go on with after a crash, or to give away as a file."
        )
        st.button("Train one", type="primary", on_click=navigation.go_to, args=(navigation.TRAIN,))
        brought()
        messages()


def filters(found: Sequence[About]) -> list[About]:
    """What is looked for: words, a state, a tag."""
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
    state = middle.selectbox(
        "State",
        [ALL, *kinds],
        key=runs_page.STATE,
        format_func=lambda each: "any state" if each == ALL else each,
        label_visibility="collapsed",
    )
    tag = right.selectbox(
        "Tag",
        [ALL, *tags],
        key=runs_page.TAG,
        format_func=lambda each: "any tag" if each == ALL else each,
        label_visibility="collapsed",
        disabled=not tags,
    )
    return [
        about
        for about in found
        if found_by(about, words or "")
        and state in (ALL, None, about.state)
        and (tag in (ALL, None) or tag in about.tags)
    ]


def table(shown: Sequence[About]) -> list[About]:
    """A row for each; returns those that are chosen."""
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
            "Best": columns.NumberColumn(format="%.1f %%", help="Highest accuracy on the judge"),
            "At": columns.NumberColumn(help="The epoch of the best"),
            "Last": columns.NumberColumn(format="%.1f %%", help="Newest accuracy on the judge"),
            "Gap": columns.NumberColumn(format="%+.1f", help="Training minus judge, points"),
            "Seconds": columns.NumberColumn(format="%.1f", help="Spent on training, pauses left out"),
            "Done": columns.ProgressColumn(format="percent", min_value=0, max_value=1, width="small"),
        },
    )
    return [shown[i] for i in chosen["selection"]["rows"] if i < len(shown)]


def _row(about: About, now: float) -> dict[str, Any]:
    figures, gap = about.figures, gap_of(about)

    def percent(name: str) -> float | None:
        return 100 * figures[name] if name in figures else None

    return {
        "Name": about.name or about.id[:8],
        "State": about.state,
        "Data": about.initial_config.dataset,
        "Regularizer": trained_with(about.initial_config),
        "Done": round(about.epochs / about.initial_config.epochs, 2),
        "Epochs": about.initial_config.epochs,
        "Best": percent("best_accuracy"),
        "At": figures.get("best_epoch"),
        "Last": percent("judge_accuracy"),
        "Gap": None if gap is None else 100 * gap,
        "Seconds": about.seconds,
        "Begun": ago(about.created, now),
        "Tags": list(about.tags),
    }


def buttons(chosen: list[About]) -> None:
    """What can be done with the chosen rows."""
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
        disabled=not 2 <= len(chosen) <= MOST,
        help=f"Show them on the same axes. Choose 2 to {MOST} rows.",
    )
    st.button(
        "Stop",
        on_click=runs_page.stop,
        args=(chosen,),
        disabled=not chosen or any(about.state not in UNDER_WAY for about in chosen),
        help="End runs that train, wait or are paused. They are kept, and Resume lets them go on.",
    )
    st.button(
        "Resume",
        on_click=runs_page.resume,
        args=(chosen,),
        disabled=not chosen or any(about.state not in states.RESUMABLE for about in chosen),
        help="Train on, bit for bit as if nothing had been. For runs that were interrupted or stopped.",
    )
    st.button(
        "Describe",
        on_click=dialogs.open_next,
        args=(DESCRIBE, one.id if one else ""),
        disabled=one is None,
        help="Name, tags and a note. Choose one row.",
    )
    st.download_button(
        "Export",
        data=lambda: _exported(one),
        file_name=f"regscope-{one.id[:8]}.json" if one else "regscope.json",
        mime="application/json",
        on_click="ignore",
        disabled=one is None,
        help="The whole run as JSON, for Import on another machine. More kinds: open it, and Export there.",
    )
    st.button(
        "Delete",
        on_click=runs_page.delete,
        args=(chosen,),
        disabled=not chosen or any(about.state in UNDER_WAY for about in chosen),
        help="For a day it can be undone. Not for runs that are being trained: stop them first.",
    )
    if many := runs_page.undoable():
        st.button(f"Undo delete ({many})", on_click=runs_page.undo, help="Bring back what was deleted last.")


def _exported(one: About | None) -> bytes:
    store = runs_page.store()
    record = store.load(one.id) if store and one else None
    return to_json(record).encode() if record else b""


@st.dialog("Describe this run", on_dismiss=dialogs.close)
def describe(about: About) -> None:
    name = st.text_input("Name", about.name, max_chars=MAX_NAME_LENGTH, placeholder=trained_with(about.initial_config))
    tags = st.text_input(
        "Tags", ", ".join(about.tags), help=f"Words with commas between, at most {MAX_TAG_LENGTH} letters each."
    )
    note = st.text_area("Note", about.note, max_chars=MAX_NOTE_LENGTH)
    if st.button("Keep", type="primary"):
        if runs_page.describe(about.id, name, tags.split(","), note):
            dialogs.close()
            st.rerun()
        for refused in runs_page.refused():
            st.error(plain(refused))


def brought() -> None:
    """Runs from files."""
    with (
        st.popover(
            "Import", icon=":material/upload:", help="Runs that were exported as JSON, from this machine or another."
        ),
        st.form("import", clear_on_submit=True, border=False),
    ):
        files = st.file_uploader("Runs, as JSON", type="json", accept_multiple_files=True)
        if st.form_submit_button("Import") and files:
            runs_page.import_files([(file.name, file.getvalue()) for file in files])
            st.rerun()


def messages() -> None:
    links.refused()
    for well, line in runs_page.import_messages():
        (st.success if well else st.error)(plain(line))
    for line in runs_page.refused():
        st.error(plain(line))


def follow(found: Sequence[About]) -> None:
    """Renew the page while runs are trained, here or by another program."""
    moving = [about for about in found if about.state in (states.RUNNING, states.QUEUED)]
    if not moving:
        return

    made = time.monotonic()

    @st.fragment(run_every=EVERY, key="follow")
    def look() -> None:
        # it is called with the page, too, and something is always new
        if time.monotonic() - made > EVERY / 2 and any(runs_page.read_again(about) != about for about in moving):
            st.rerun()

    look()


def foot(found: Sequence[About], shown: Sequence[About], deleted: Sequence[About], store: Store | None) -> None:
    """How many there are, how much room they take, and those that were deleted."""
    size = f"{store.nbytes() / 1e6:.1f} MB in {store.path}" if store else "nothing is kept"
    some = f"{len(shown)} of {len(found)}" if len(shown) < len(found) else str(len(found))
    st.caption(plain(f"{some} {'run' if len(found) == 1 else 'runs'}, {size}."))
    if deleted:
        with st.expander(f"Deleted, for a day ({len(deleted)})"):
            for about in deleted[:20]:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.button("Restore", key=f"restore_{about.id}", on_click=runs_page.restore, args=([about],))
                    name, config = about.name or about.id[:8], about.initial_config
                    st.caption(plain(f"{name}: {trained_with(config)}, {config.dataset}"))
