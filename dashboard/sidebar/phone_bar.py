"""The bar of a narrow screen, where the sidebar is closed: the title, the pages, and the row of regularizers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.sidebar.examples import training_example_count
from dashboard.state import navigation
from dashboard.state.changing_keys import key_of, pass_choice
from dashboard.state.settings import steering, widgets
from dashboard.state.settings.regularizer_choice import CHOICES

PAGE, REGULARIZER = "phone.page", "phone.regularizer"  # first parts of the keys of the widgets


def phone_bar(page_names: Sequence[str], page_name: str) -> None:
    """Draw the bar; the style sheet shows it on narrow screens only.

    Args:
        page_names: of all pages. page_name: the page that is shown.
    """
    regularizer = widgets.widget_value("regularizer")
    page_key, regularizer_key = key_of(PAGE, page_name), key_of(REGULARIZER, regularizer)
    with st.container(key="phone", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", key="phone_head"):
            st.markdown("**Regscope**", width="content")
            st.segmented_control(
                "Page",
                page_names,
                default=page_name,
                required=True,
                key=page_key,
                on_change=pass_choice,
                args=(page_key, navigation.go_to),
                label_visibility="collapsed",
                help="The pages of Regscope. All settings are in the sidebar, behind the arrow at the top left.",
            )
        st.segmented_control(
            "Regularizer",
            CHOICES,
            default=regularizer,
            required=True,
            key=regularizer_key,
            on_change=pass_choice,
            args=(regularizer_key, _choose_regularizer),
            label_visibility="collapsed",
            width="stretch",
            help="What keeps the network from memorizing. Its strength is in the sidebar.",
        )


def _choose_regularizer(choice: str) -> None:
    steering.choose(choice, training_example_count())
