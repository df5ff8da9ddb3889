"""Error messages in the sidebar, each directly under the field that it is about."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.state.settings.page_settings import with_label
from engine import FieldError


class FieldErrors:
    """The places of error messages in one script run.

    A section reserves a place after it has drawn a field. An error is shown when all sections have been drawn. An
    error about a field without a place, such as one in a closed menu, is shown at the top.
    """

    def __init__(self) -> None:
        self._top = st.container()
        self._places: dict[str, Any] = {}

    def reserve(self, *fields: str) -> None:
        """Reserve a place here for errors about these fields, which are in the line above."""
        place = st.container(key=f"error_{fields[0]}")
        self._places |= dict.fromkeys(fields, place)

    def show(self, error: FieldError) -> None:
        """Show an error under its field."""
        self._places.get(error.field, self._top).error(escape_markdown(with_label(str(error))))
