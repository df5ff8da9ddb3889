"""The memory that runs with the settings of the sidebar need."""

from __future__ import annotations

from dashboard.live.hub import get_hub
from dashboard.state import page_run
from engine import Dataset, RunConfig
from engine.data.shape import DataShape
from engine.errors import format_bytes
from engine.runs.resources import machine
from engine.runs.resources.estimate import LARGE_MEMORY, estimate
from engine.runs.resources.limits import memory_warning


def check_memory(config: RunConfig) -> None:
    """Check that a run may replace the run of this page. Raises `FieldError` if it needs too much memory."""
    current = page_run.current_run_in_memory()
    get_hub().manager.memory.check_configs([config], [current] if current else [])


def memory_note(config: RunConfig, dataset: Dataset) -> tuple[str, bool] | None:
    """Return a line about the memory and the disk space of a large run, and whether it is a warning; else None."""
    needs, free = estimate(config, shape=DataShape.of(dataset)), machine.free_memory()
    warning = memory_warning(config, needs.memory, free) is not None
    if needs.memory < LARGE_MEMORY and not warning:
        return None
    free_text = f"the {format_bytes(free)} of free" if warning else ""
    memory_text = f"{format_bytes(needs.memory)} of {free_text} memory".replace("  ", " ")
    return f"About {memory_text}, {format_bytes(needs.disk)} of disk", warning
