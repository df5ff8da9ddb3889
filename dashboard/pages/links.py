"""Links on the page: errors in the one that was opened, and the one to copy."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import DEFAULT_LAYOUT
from dashboard.sidebar.reading import Settings
from dashboard.state import board_layout, navigation
from dashboard.state.pages import evidence_state
from dashboard.state.settings import address
from dashboard.state.settings.links import texts_of
from dashboard.state.settings.page_settings import DEFAULT_PACE, label_of, with_label
from engine import FieldError, RunConfig

# The parameters of a link beside the settings: title, and what is used instead of an invalid value.
CHOICES = {
    navigation.VIEW: ("Page", f"The page {navigation.TRAIN} is shown."),
    evidence_state.PART: ("Part of the comparison", f"{evidence_state.CURVES} are shown."),
    board_layout.LAYOUT: ("Layout", f"The default is used, {DEFAULT_LAYOUT}."),
    board_layout.SHOWN: ("Panel of the custom layout", "It is left out."),
}


def refused() -> None:
    """Show the invalid values in the address, until they are corrected or the default is accepted."""
    errors = address.refused()
    if not errors:
        return
    defaults = texts_of(RunConfig.demo(), DEFAULT_PACE)
    lines = []
    for name, error in errors.items():
        title, instead = CHOICES.get(name) or (label_of(name), f"The default is used, {defaults[name]}.")
        lines.append(
            f"**{escape_markdown(title)}** in the link {escape_markdown(error.problem)}. {escape_markdown(instead)}"
        )
    with st.container(horizontal=True, vertical_alignment="center", key="refused"):
        st.error("  \n".join(lines), icon=":material/link_off:")
        st.button(
            "Use the default" if len(errors) == 1 else "Use the defaults",
            on_click=address.clear_refused,
            help="Remove the invalid values from the address.",
        )


def copy(settings: Settings) -> None:
    """Show the address of the settings in the sidebar, to copy."""
    st.markdown("**Copy link**")
    shown = board_layout.layout()
    try:
        if settings.link is None:
            st.caption("There is no link while a field in the sidebar has an invalid value.")
            return
        titles = tuple(PANELS[name].title for name in shown.panels)  # as the widget writes them into the address
        link = address.link(settings.link, settings.pace, shown.name, titles)
    except FieldError as error:
        st.caption(escape_markdown(with_label(str(error))))
        return
    st.code(link, language=None, wrap_lines=True)
    st.caption(
        "It contains every setting, the seed and the layout. Whoever opens it and presses Start sees the same curves. "
        "It does not contain live changes or data of your own."
    )
