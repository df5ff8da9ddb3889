"""Links on the page: the invalid values of an opened link, and the link to copy."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import DEFAULT_LAYOUT
from dashboard.sidebar.reading import Settings
from dashboard.state import board_layout, ghost, navigation
from dashboard.state.pages import evidence_state
from dashboard.state.settings import address, parameters
from dashboard.state.settings.links import parameter_texts
from dashboard.state.settings.page_settings import DEFAULT_PACE, label_of, with_label
from engine import FieldError, RunConfig

# Title, and the replacement of an invalid value, of each link parameter that is not a setting.
PARAMETERS = {
    navigation.PAGE_PARAMETER: ("Page", f"The page {navigation.TRAIN_PAGE} is shown."),
    evidence_state.PART: ("Part of the comparison", f"{evidence_state.CURVES} are shown."),
    board_layout.LAYOUT_PARAMETER: ("Layout", f"The default is used, {DEFAULT_LAYOUT}."),
    parameters.GHOST: ("Grey run", "The default is used."),
    board_layout.PANELS_PARAMETER: ("Panel of the custom layout", "It is omitted."),
}


def invalid_values() -> None:
    """Show the invalid values in the address, with a button that replaces them by the defaults."""
    errors = address.refused_parameters()
    if not errors:
        return
    defaults = parameter_texts(RunConfig.demo(), DEFAULT_PACE)
    lines = []
    for name, error in errors.items():
        title, replacement = PARAMETERS.get(name) or (label_of(name), f"The default is used, {defaults[name]}.")
        lines.append(
            f"**{escape_markdown(title)}** in the link {escape_markdown(error.problem)}. {escape_markdown(replacement)}"
        )
    with st.container(horizontal=True, vertical_alignment="center", key="refused"):
        st.error("  \n".join(lines), icon=":material/link_off:")
        st.button(
            "Use the default" if len(errors) == 1 else "Use the defaults",
            on_click=address.clear_refused,
            help="Remove the invalid values from the address.",
        )


def share_menu(settings: Settings) -> None:
    """Show the button Share and its menu: a link to the settings in the sidebar, to copy."""
    with st.popover("Share", key="share", help="Copy a link to these settings."):
        _link_to_copy(settings)


def _link_to_copy(settings: Settings) -> None:
    layout = board_layout.current_layout()
    try:
        if settings.link is None:
            st.caption("There is no link while a field in the sidebar has an invalid value.")
            return
        titles = tuple(PANELS[name].title for name in layout.panels)  # the widget writes titles into the address
        link = address.link_to(settings.link, settings.pace, layout.name, titles, ghost.choice_in_link())
    except FieldError as error:
        st.caption(escape_markdown(with_label(str(error))))
        return
    st.code(link, language=None, wrap_lines=True)
    st.caption(
        "It contains all settings with the seed, and the layout. Opening it and pressing Start gives the same curves. "
        "It does not contain live changes or your own data."
    )
