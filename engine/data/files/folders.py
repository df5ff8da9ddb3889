"""The folders of data sets, runs and caches on this machine, and whether they can be written."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path


def data_folder() -> Path:
    """Return the folder of downloaded data sets: $REGSCOPE_DATA, or the platform's folder for user data."""
    path = os.environ.get("REGSCOPE_DATA")
    return Path(path) if path else _user_folder()


def home_folder() -> Path:
    """Return the folder of stored runs: $REGSCOPE_HOME, or the platform's folder for user data."""
    path = os.environ.get("REGSCOPE_HOME")
    return Path(path) if path else _user_folder()


def _user_folder() -> Path:
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "regscope"


def cache_folder() -> Path:
    """Return the platform's folder for a user's caches."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "regscope" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "regscope"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "regscope"


def prepared_folders() -> list[Path]:
    """Return the folders for prepared arrays, best first; only $REGSCOPE_CACHE if that is set."""
    if path := os.environ.get("REGSCOPE_CACHE"):
        return [Path(path) / "prepared"]
    # next to their source, all users of the machine can share them, but not all users can write there
    return [data_folder() / "prepared", cache_folder() / "prepared"]


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder; for a missing folder, in its nearest existing parent.

    A folder without any write permission is left unchanged, also if this user is an administrator.
    """
    for existing in (folder, *folder.absolute().parents):
        try:
            mode = existing.stat().st_mode
        except FileNotFoundError:
            continue
        except OSError:
            return False
        write_bits = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
        return stat.S_ISDIR(mode) and bool(mode & write_bits) and os.access(existing, os.W_OK | os.X_OK)
    return False
