"""A cache of the open dialog, because every click in a dialog runs its function again.

Results are stored in the session until the dialog closes. They contain uploaded data, so they must not be in a cache
for all sessions, such as `lru_cache`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

_CACHE = "dialog.cache"

T = TypeVar("T")


def cached_call(function: Callable[..., T], *arguments: Any) -> T:
    """Return `function(*arguments)`; compute it only if the arguments differ from those of the last call."""
    cache: dict[Any, tuple[tuple[Any, ...], Any]] = st.session_state.setdefault(_CACHE, {})
    if function not in cache or cache[function][0] != arguments:
        cache[function] = (arguments, function(*arguments))
    result: T = cache[function][1]
    return result


def clear() -> None:
    """Clear the cache."""
    st.session_state.pop(_CACHE, None)
