"""The free space on the disk of a folder, of which a part is never used."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.errors import format_limit

# Bytes that stay free: other programs need them, and SQLite needs some to delete runs and to give space back.
MIN_FREE_DISK = 1_000_000_000


def free_disk(folder: Path) -> int | None:
    """Return the free bytes on the disk of a folder, which need not exist yet; None if they are not known."""
    for existing in (folder, *folder.absolute().parents):
        try:
            return shutil.disk_usage(existing).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def disk_problem(folder: Path, nbytes: int = 0) -> str | None:
    """Return why `nbytes` more bytes must not be written into a folder, with the way out; None if they may be."""
    free = free_disk(folder)
    if free is None or free - nbytes >= MIN_FREE_DISK:
        return None
    limit, free_text = format_limit(MIN_FREE_DISK, free)
    return f"{free_text} are free on the disk of {folder}, and {limit} must stay free: free some space"
