"""The form that starts a race: twins of the settings in the sidebar."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.sidebar.reading import Settings, read_settings
from dashboard.state.pages import compare_page
from dashboard.state.settings.page_settings import label_of, with_label
from dashboard.state.settings.race_links import VARIABLE_FIELDS
from dashboard.state.settings.regularizer_choice import LAMBDA_FIELDS
from engine import FieldError
from engine.analysis.twins import MAX_LINES, PRESETS


def race_form(settings: Settings) -> None:
    """Show the button Race and the form that it opens."""
    with st.popover(
        "Race",
        icon=":material/flag:",
        key=compare_page.form_key(),
        help="Start twins, which differ in one setting: same initial weights, same data, same order of examples.",
    ):
        st.pills(
            "Which twins",
            [*PRESETS, compare_page.ONE_FIELD],
            default=next(iter(PRESETS)),
            required=True,
            key=compare_page.PRESET,
            persist_state="session",
            help="All other settings are those of the sidebar. A λ that is off in the sidebar gets a value that "
            "suits the number of examples.",
        )
        if compare_page.varies_one_field():
            _field_and_values()
        _twins_and_start(settings)


def _field_and_values() -> None:
    left, right = st.columns(2)
    left.selectbox(
        "Field",
        VARIABLE_FIELDS,
        index=VARIABLE_FIELDS.index(LAMBDA_FIELDS[0]),
        format_func=label_of,
        key=compare_page.FIELD,
        persist_state="session",
        help="The setting that differs between the twins.",
    )
    right.text_input(
        "Values",
        value="0, 0.1, 1, 10",
        key=compare_page.VALUES,
        persist_state="session",
        help=f"One value for each twin, separated by commas; at most {MAX_LINES}. Separate values for hidden "
        "layers by semicolons: 30; 100; 30, 30. Write off or all for a field that is empty in the sidebar.",
    )


def _twins_and_start(settings: Settings) -> None:
    """Show the twins and the button that starts them, or an error of the form."""
    problem = settings.problem
    if problem is None:
        try:
            twins = compare_page.form_twins(settings.config)
            st.markdown("\n".join(f"{i}. {escape_markdown(twin.name)}" for i, twin in enumerate(twins, start=1)))
        except FieldError as error:
            problem = with_label(str(error))
    if problem is not None:
        st.error(escape_markdown(problem))
    st.button(
        "Start race",
        type="primary",
        icon=":material/flag:",
        disabled=problem is not None,
        on_click=_start_race,
        help="Start these twins together. The previous race ends.",
    )


def _start_race() -> None:
    """Start the twins; read the fields again, because they may have changed since the last script run."""
    settings = read_settings()
    if settings.problem is None:
        try:
            compare_page.start_race(compare_page.form_twins(settings.config), settings.pace)
        except FieldError:
            return  # the next script run shows the error in the form
