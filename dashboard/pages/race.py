"""The form of a race: which twins, made from what the sidebar says."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.escaping import plain
from dashboard.sidebar.reading import Settings, read
from dashboard.state.pages import compare_page
from dashboard.state.settings.page_settings import label_of, with_label
from dashboard.state.settings.penalty_choice import LAMBDAS
from engine import FieldError
from engine.analysis.twins import MOST, PRESETS
from engine.config import SETTINGS

VARIED = [name for name in SETTINGS if name != "dataset"]  # runs of other data are not twins


def form(settings: Settings) -> None:
    """The button at the beginning of the bar, and what opens below it."""
    with st.popover(
        "Race",
        icon=":material/flag:",
        key=compare_page.form_key(),
        help="Start runs that differ in one thing: same initial weights, same data, same order of examples.",
    ):
        st.pills(
            "Which twins",
            [*PRESETS, compare_page.ONE_FIELD],
            default=next(iter(PRESETS)),
            required=True,
            key=compare_page.PRESET,
            persist_state="session",
            help="Everything else is as in the sidebar. A λ that is off there is one that fits the number of examples.",
        )
        if compare_page.varies_one_field():
            _one_field()
        _offer(settings)


def _one_field() -> None:
    left, right = st.columns(2)
    left.selectbox(
        "Field",
        VARIED,
        index=VARIED.index(LAMBDAS[0]),
        format_func=label_of,
        key=compare_page.FIELD,
        persist_state="session",
        help="What the twins differ in.",
    )
    right.text_input(
        "Values",
        value="0, 0.1, 1, 10",
        key=compare_page.VALUES,
        persist_state="session",
        help=f"One for each twin, with commas between; at most {MOST}. Hidden layers: with semicolons, as 30; 100; 30, "
        "30. Off or all: where the sidebar leaves a field empty.",
    )


def _offer(settings: Settings) -> None:
    """The twins that the form gives, and the button that starts them; else why there are none."""
    problem = settings.problem
    if problem is None:
        try:
            twins = compare_page.form_twins(settings.config)
            st.markdown("\n".join(f"{i}. {plain(twin.name)}" for i, twin in enumerate(twins, start=1)))
        except FieldError as error:
            problem = with_label(str(error))
    if problem is not None:
        st.error(plain(problem))
    st.button(
        "Start race",
        type="primary",
        icon=":material/flag:",
        disabled=problem is not None,
        on_click=_start,
        help="Start these runs together; the race before ends.",
    )


def _start() -> None:
    """Start what sidebar and form say at this moment: a field may have changed since the page was made."""
    settings = read()
    if settings.problem is None:
        try:
            compare_page.start(compare_page.form_twins(settings.config), settings.pace)
        except FieldError:
            return  # the form says so when it is made again
