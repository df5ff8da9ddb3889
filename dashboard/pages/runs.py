"""The page Runs: all runs stored on this machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import _compat
from dashboard.charts.escaping import escape_markdown, escape_table
from dashboard.charts.runs_table import card_lines, file_stem, format_age, gap_of, matches_search
from dashboard.pages import damaged_runs, deleted_runs, links
from dashboard.sidebar.reading import Settings
from dashboard.state import dialogs, navigation
from dashboard.state.pages import runs_page
from engine.analysis.regularizers import regularizer_text
from engine.analysis.twins import MAX_LINES
from engine.data import dataset_title
from engine.errors import FieldError, format_bytes
from engine.runs import states
from engine.runs.names import display_name
from engine.runs.store.damaged import StoredRuns
from engine.runs.store.json_file import to_json
from engine.runs.store.record import MAX_NAME_LENGTH, MAX_NOTE_LENGTH, MAX_TAG_LENGTH, About
from engine.runs.store.store import Store

TABLE_HEIGHT, ROW_HEIGHT = 520, 33  # pixels; the page fits on a screen of 720 pixels
ANY = "all"
DESCRIPTION_DIALOG = "describe"  # key of the dialog
MAX_IMPORT_MB = 256  # the same as server.maxUploadSize: a run of 4 million weights has about 200 MB
UPDATE_INTERVAL = 2.0  # seconds between two updates while runs train
NOT_ENDED = (states.RUNNING, states.PAUSED, states.QUEUED)


def show(settings: Settings) -> None:
    """Draw the page."""
    store = runs_page.store()
    if notice := runs_page.store_notice():
        st.warning(escape_markdown(notice))
    try:
        stored = store.list_all() if store else StoredRuns([], [], [])
    except FieldError as error:
        st.error(escape_markdown(f"The runs cannot be read: {error}"))
        st.caption("You can still train, but new runs are lost when the server stops.")
        return
    runs = [runs_page.with_live_state(about) for about in stored.runs]
    if not runs and not stored.deleted:
        empty_page()
        damaged_runs.show(stored.damaged)
        return
    matching = filters(runs)
    actions = st.container(horizontal=True, vertical_alignment="center", key="transport")
    checked_names = st.container()
    with st.container(key="wide_runs"):
        selected = runs_table(matching)
    if checked := run_cards(matching):
        selected = checked
        checked_names.caption(escape_markdown(f"Chosen: {', '.join(map(display_name, checked))}"))
    with actions:
        buttons(selected)
        import_menu()
    messages()
    summary(runs, matching, store)
    deleted_runs.show(stored.deleted)
    damaged_runs.show(stored.damaged)
    for about in runs:
        if (about.id,) == dialogs.dialog_subject(DESCRIPTION_DIALOG):
            description_dialog(about)
    rerun_on_change(runs)


def empty_page() -> None:
    """Show what the page is for, with a button to train and the import."""
    with st.container(key="nothing_compared", horizontal_alignment="center"):
        st.subheader("No runs yet", anchor=False)
        st.markdown(
            "Every run is saved on this machine, from this page and from `regscope train`. You can look at it again, "
            "compare it with others, resume it after a crash, or export it to a file."
        )
        st.button("Train one", type="primary", on_click=navigation.go_to, args=(navigation.TRAIN_PAGE,))
        import_menu()
        messages()


def filters(runs: Sequence[About]) -> list[About]:
    """Show the search field and the filters; return the runs that match."""
    tags = sorted({tag for about in runs for tag in about.tags})
    run_states = sorted({about.state for about in runs})
    left, middle, right = st.columns([3, 1, 1])
    search = left.text_input(
        "Search",
        key=runs_page.SEARCH,
        placeholder="Search name, note, tags, data or regularizer",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    with middle:
        state = _filter_list("State", run_states, runs_page.STATE)
    with right:
        tag = _filter_list("Tag", tags, runs_page.TAG)
    return [
        about
        for about in runs
        if matches_search(about, search or "")
        and state in (ANY, None, about.state)
        and (tag in (ANY, None) or tag in about.tags)
    ]


def _filter_list(label: str, values: Sequence[str], key: str) -> str | None:
    """Show a list of values to filter by; return the chosen one, or `ANY`."""
    selected: str | None = st.selectbox(
        label,
        [ANY, *values],
        key=key,
        format_func=lambda value: f"any {label.lower()}" if value == ANY else value,
        label_visibility="collapsed",
        disabled=not values,
    )
    return selected


def runs_table(runs: Sequence[About]) -> list[About]:
    """Show a table with a row for each run; return the chosen runs."""
    now = time.time()
    columns = st.column_config
    event = st.dataframe(
        [_table_row(about, now) for about in runs],
        key=runs_page.table_key(runs),
        height=min(TABLE_HEIGHT, ROW_HEIGHT * (len(runs) + 1) + 6),
        hide_index=True,
        on_select=runs_page.use_table,
        selection_mode="multi-row",
        placeholder="–",
        column_config={
            "Name": columns.TextColumn(width="medium"),
            "Best": columns.NumberColumn(format="%.1f %%", help="Highest accuracy on the validation or test set"),
            "At": columns.NumberColumn(help="Epoch of the best accuracy"),
            "Last": columns.NumberColumn(format="%.1f %%", help="Newest accuracy on the validation or test set"),
            "Gap": columns.NumberColumn(format="%+.1f", help="Training minus validation or test accuracy, in points"),
            "Computing": columns.NumberColumn(
                format="%.1f s",
                help="Seconds of updates and measurements, without pauses and the waits of a pace: a run that is "
                "slowed down takes longer by the clock",
            ),
            "Id": columns.TextColumn(width="small", help="For a terminal: regscope runs show, and this id"),
            "Done": columns.ProgressColumn(format="percent", min_value=0, max_value=1, width="small"),
        },
    )
    return [runs[i] for i in event["selection"]["rows"] if i < len(runs)]


def run_cards(runs: Sequence[About]) -> list[About]:
    """Show a card with a check box for each run, which the style sheet shows on narrow screens only.

    Returns:
        the checked runs.
    """
    now = time.time()
    checked = []
    with st.container(key="narrow_runs", gap="small"):
        for about in runs[: runs_page.card_count()]:
            with st.container(border=True, gap=None):
                if st.checkbox(
                    f"**{escape_markdown(display_name(about))}**",
                    key=runs_page.card_key(about),
                    on_change=runs_page.use_cards,
                ):
                    checked.append(about)
                for line in card_lines(about, now):
                    st.caption(escape_markdown(line))
        if len(runs) > runs_page.card_count():
            st.button(
                f"Show more ({len(runs) - runs_page.card_count()})",
                on_click=runs_page.show_more_cards,
                help="Show older runs, too.",
            )
    return checked


def _table_row(about: About, now: float) -> dict[str, Any]:
    metrics, gap = about.metrics, gap_of(about)

    def percent(name: str) -> float | None:
        return 100 * metrics[name] if name in metrics else None

    return {
        "Name": escape_table(display_name(about)),
        "State": about.state,
        "Data": escape_table(dataset_title(about.initial_config.dataset, short=True)),
        "Regularizer": regularizer_text(about.initial_config),
        "Done": round(about.epochs / about.initial_config.epochs, 2),
        "Epochs": about.initial_config.epochs,
        "Best": percent("best_accuracy"),
        "At": metrics.get("best_epoch"),
        "Last": percent("judge_accuracy"),
        "Gap": None if gap is None else 100 * gap,
        "Computing": about.seconds,
        "Started": format_age(about.created, now),
        "Tags": [escape_table(tag) for tag in about.tags],
        "Id": about.id[:8],
    }


def buttons(selected: list[About]) -> None:
    """Show the buttons that act on the chosen runs."""
    single = selected[0] if len(selected) == 1 else None
    st.button(
        "Open",
        key="open_run",
        type="primary",
        on_click=runs_page.open_run,
        args=(single.id if single else "",),
        disabled=single is None,
        help="Show the run on the Train page. Choose one row.",
    )
    st.button(
        "Compare",
        on_click=runs_page.compare,
        args=(selected,),
        disabled=not 2 <= len(selected) <= MAX_LINES,
        help=f"Show the runs on the same axes. Choose 2 to {MAX_LINES} rows.",
    )
    st.button(
        "Stop",
        on_click=runs_page.stop,
        args=(selected,),
        disabled=not selected or any(about.state not in NOT_ENDED for about in selected),
        help="Stop runs that train, wait or are paused. They remain saved and can be resumed.",
    )
    st.button(
        "Resume",
        on_click=runs_page.resume,
        args=(selected,),
        disabled=not selected or any(about.state not in states.RESUMABLE for about in selected),
        help="Continue interrupted or stopped runs from the step where they ended.",
    )
    st.button(
        "Describe",
        on_click=dialogs.open_in_next_run,
        args=(DESCRIPTION_DIALOG, single.id if single else ""),
        disabled=single is None,
        help="Change name, tags and note. Choose one row.",
    )
    st.download_button(
        "Export",
        data=lambda: _exported_run(single),
        file_name=f"{file_stem(single)}.json" if single else "regscope.json",
        mime="application/json",
        on_click="ignore",
        disabled=single is None,
        help="Save the whole run as JSON, to import on another machine. For other formats, open the run and export "
        "it there.",
    )
    st.button(
        "Delete",
        on_click=runs_page.delete,
        args=(selected,),
        disabled=not selected or any(about.state in (*NOT_ENDED, states.ELSEWHERE) for about in selected),
        help="Deleted runs can be restored for a day. Stop runs that train before you delete them.",
    )
    if undoable := runs_page.undoable_count():
        st.button(
            f"Undo delete ({undoable})", on_click=runs_page.undo_delete, help="Restore the runs that were deleted last."
        )


def _exported_run(run: About | None) -> bytes:
    store = runs_page.store()
    record = store.load(run.id) if store and run else None
    return to_json(record).encode() if record else b""


@st.dialog("Describe this run", on_dismiss=dialogs.close)
def description_dialog(about: About) -> None:
    """Edit the name, tags and note of a run."""
    name = st.text_input(
        "Name", about.name, max_chars=MAX_NAME_LENGTH, placeholder=display_name(replace(about, name=""))
    )
    tags = st.text_input(
        "Tags", ", ".join(about.tags), help=f"Separated by commas, at most {MAX_TAG_LENGTH} letters each."
    )
    note = st.text_area("Note", about.note, max_chars=MAX_NOTE_LENGTH)
    if st.button("Save", type="primary"):
        with _compat.uninterrupted():
            if runs_page.set_description(about.id, name, tags.split(","), note):
                dialogs.close()
                st.rerun()
        for message in runs_page.errors():
            st.error(escape_markdown(message))


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
        files = st.file_uploader(
            "Runs, as JSON", type="json", accept_multiple_files=True, max_upload_size=MAX_IMPORT_MB
        )
        st.caption(f"Up to {MAX_IMPORT_MB} MB each. Larger ones, in a terminal: `regscope runs import FILE`.")
        if st.form_submit_button("Import") and files:
            with _compat.uninterrupted():  # no file is imported twice
                runs_page.import_files((file.name, file.getvalue()) for file in files)
                _compat.drop_uploaded_files(file.file_id for file in files)
                st.rerun()


def messages() -> None:
    """Show the results of the last import and the errors of the last action."""
    links.invalid_values()
    for succeeded, message in runs_page.import_messages():
        (st.success if succeeded else st.error)(escape_markdown(message))
    for message in runs_page.errors():
        st.error(escape_markdown(message))


def rerun_on_change(runs: Sequence[About]) -> None:
    """Rerun the page when runs change that have not ended, on this server or in another program.

    A paused run is one of them: after a click on Stop it remains paused until its worker answers.
    """
    not_ended = [about for about in runs if about.state in (*NOT_ENDED, states.ELSEWHERE)]
    if not not_ended:
        return

    drawn_at = time.monotonic()

    @st.fragment(run_every=UPDATE_INTERVAL, key="follow")
    def check() -> None:
        # the fragment also runs in every script run of the page, where a rerun would cause an endless loop
        if time.monotonic() - drawn_at > UPDATE_INTERVAL / 2 and any(
            runs_page.reload(about) != about for about in not_ended
        ):
            st.rerun()

    check()


def summary(runs: Sequence[About], matching: Sequence[About], store: Store | None) -> None:
    """Show the number of runs and the size of the store."""
    size = f"{format_bytes(store.nbytes())} in {store.path}" if store else "not saved"
    counts = f"{len(matching)} of {len(runs)}" if len(matching) < len(runs) else str(len(runs))
    st.caption(escape_markdown(f"{counts} {'run' if len(runs) == 1 else 'runs'}, {size}."))
