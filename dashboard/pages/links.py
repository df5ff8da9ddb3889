"""What the page says of links: what of one was refused, what it has set beside the fields, and the one to copy."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.escaping import plain
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import DEFAULT
from dashboard.sidebar.reading import Settings
from dashboard.state import board_layout, navigation
from dashboard.state.pages import evidence_state
from dashboard.state.settings import address
from dashboard.state.settings.links import texts_of
from dashboard.state.settings.page_settings import DEFAULT_PACE, label_of, with_label
from engine import FieldError, RunConfig

# What a link names beside the settings: what the page calls it, and what is shown where there is no such thing.
CHOICES = {
    navigation.VIEW: ("Page", f"What is shown is {navigation.TRAIN}."),
    evidence_state.PART: ("Part of the comparison", f"What is shown is {evidence_state.CURVES}."),
    board_layout.LAYOUT: ("Layout", f"It is left at the default, {DEFAULT}."),
    board_layout.SHOWN: ("Panel of the custom layout", "It is left out."),
}


def refused() -> None:
    """What in the address cannot be used; until it is mended, the setting is changed, or the default is accepted."""
    errors = address.refused()
    if not errors:
        return
    defaults = texts_of(RunConfig.demo(), DEFAULT_PACE)
    lines = []
    for name, error in errors.items():
        title, instead = CHOICES.get(name) or (label_of(name), f"It is left at the default, {defaults[name]}.")
        lines.append(f"**{plain(title)}** in the link {plain(error.problem)}. {plain(instead)}")
    with st.container(horizontal=True, vertical_alignment="center", key="refused"):
        st.error("  \n".join(lines), icon=":material/link_off:")
        st.button(
            "Use the default" if len(errors) == 1 else "Use the defaults",
            on_click=address.clear_refused,
            help="Take what was refused out of the address.",
        )


def copy(settings: Settings) -> None:
    """The address of what the sidebar says, to copy."""
    st.markdown("**Copy link**")
    shown = board_layout.layout()
    try:
        if settings.link is None:
            st.caption("There is none while a field says what no run can have.")
            return
        titles = tuple(PANELS[name].title for name in shown.panels)  # as the field writes them into the address
        link = address.link(settings.link, settings.pace, shown.name, titles)
    except FieldError as error:
        st.caption(plain(with_label(str(error))))
        return
    st.code(link, language=None, wrap_lines=True)
    st.caption(
        "Every setting, the seed and the layout: opened anywhere, Start gives the same curve. "
        "Not what was changed while it trained, and no data of your own."
    )
