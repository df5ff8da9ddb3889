"""The limits above which a run is not started: half of the free memory, and a reserve on the disk."""

from __future__ import annotations

from collections.abc import Sequence

from engine.config import SETTINGS, RunConfig
from engine.errors import FieldError, format_bytes

REFUSED_SHARE = 0.5  # of the free memory: estimates may be too low, and other programs need memory, too
WARNED_SHARE = 0.25  # of the free memory


def check_memory(requested: Sequence[tuple[RunConfig, int]], reserved: int, free: int, field: str = "hidden") -> None:
    """Check that runs fit into half of the free memory together.

    Args:
        requested: the config and the bytes of each run that is to start.
        reserved: the bytes that runs in training still need, beyond what they have.
        free: free bytes of memory. field: the field to name in the error, see `Needs.largest_field`.

    Raises:
        FieldError: if they do not fit.
    """
    total = sum(nbytes for _, nbytes in requested)
    limit = REFUSED_SHARE * free
    if not requested or total + reserved <= limit:
        return
    config = max(requested, key=lambda request: request[1])[0]
    value = SETTINGS[field].display_text(getattr(config, field))
    needs_text = f", which needs about {format_bytes(total)}"
    if len(requested) > 1:
        needs_text = f" in {len(requested)} runs, which need about {format_bytes(total)} together"
    open_text = f" beside {format_bytes(reserved)} for the runs that are open" if reserved >= 0.01 * limit else ""
    ways_out = {
        "hidden": "use fewer or narrower hidden layers",
        "mini_batch_size": "use a smaller mini-batch",
        "train_size": "use fewer training examples or a smaller data set",
    }
    raise FieldError(
        field,
        f"must need at most half of the free memory, {format_bytes(limit)} of {format_bytes(free)}, got {value}"
        f"{needs_text}{open_text}: {ways_out[field]}, or close other runs and programs",
    )


def memory_warning(config: RunConfig, nbytes: int, free: int, field: str = "hidden") -> str | None:
    """Return a warning that starts with a field's name, if a run needs a large share of the free memory; else None.

    Args:
        config: the run. nbytes: the bytes that it needs. free: free bytes of memory. field: as in `check_memory`.
    """
    if nbytes <= WARNED_SHARE * free:
        return None
    value = SETTINGS[field].display_text(getattr(config, field))
    return (
        f"{field} of {value} needs about {format_bytes(nbytes)} of the {format_bytes(free)} of free memory: "
        "other runs may not start beside it"
    )
