"""Error messages in the sidebar, each directly under the field that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.state.settings.page_settings import with_label
from engine import FieldError


class FieldErrors:
    """The places of error messages in one script run.

    A section reserves a place after it has drawn a field. The messages are shown when all sections have been drawn. An
    error about a field without a place, such as one in a closed menu, is shown at the top.
    """

    def __init__(self) -> None:
        self._top = st.container()
        self._places: dict[str, Any] = {}

    def reserve(self, *fields: str) -> None:
        """Reserve a place here for errors about these fields, which are in the line above."""
        place = st.container(key=f"error_{fields[0]}")
        self._places |= dict.fromkeys(fields, place)

    def show(self, errors: Iterable[FieldError]) -> None:
        """Show errors, each under its field."""
        for error in errors:
            self._places.get(error.field, self._top).error(escape_markdown(message(error)))


def message(error: FieldError) -> str:
    """Return the message of an error, with the label of the field. The value of an empty field is not named None."""
    return with_label(str(error)).replace(", got None", "; the field is empty")
