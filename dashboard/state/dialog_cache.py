"""Results that the open dialog keeps: each click in a dialog runs its function again.

They are kept for one session and until the dialog closes. They contain what people upload, so a cache for all
sessions, such as `lru_cache`, would be the wrong place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

_CACHE = "dialog.cache"

T = TypeVar("T")


def cached_call(function: Callable[..., T], *arguments: Any) -> T:
    """Return `function(*arguments)`, computed again only if the arguments changed since the last call."""
    cache: dict[Any, tuple[tuple[Any, ...], Any]] = st.session_state.setdefault(_CACHE, {})
    if function not in cache or cache[function][0] != arguments:
        cache[function] = (arguments, function(*arguments))
    result: T = cache[function][1]
    return result


def clear() -> None:
    """Forget all results."""
    st.session_state.pop(_CACHE, None)
