"""Where data sets lie on this machine: the data folder, the cache folder, and who may write there."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path


def data_folder() -> Path:
    """Where downloaded data sets lie: $REGSCOPE_DATA, or the platform's folder for user data."""
    named = os.environ.get("REGSCOPE_DATA")
    return Path(named) if named else _user_folder()


def home_folder() -> Path:
    """Where runs are kept: $REGSCOPE_HOME, or the platform's folder for user data."""
    named = os.environ.get("REGSCOPE_HOME")
    return Path(named) if named else _user_folder()


def _user_folder() -> Path:
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "regscope"


def cache_folder() -> Path:
    """Where what can be made again may lie: the platform's folder for a user's caches."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "regscope" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "regscope"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "regscope"


def prepared_folders() -> list[Path]:
    """Where arrays prepared for sharing may lie, best first: $REGSCOPE_CACHE alone where that is set."""
    if named := os.environ.get("REGSCOPE_CACHE"):
        return [Path(named) / "prepared"]
    # beside their source all users of the machine share them; not all may write there
    return [data_folder() / "prepared", cache_folder() / "prepared"]


def writable(folder: Path) -> bool:
    """Whether files may be made in a folder, or where it is missing, in the nearest one above it.

    A folder without any permission to write is left alone by everybody, also by an administrator
    whom the system would let: somebody wants it to stay as it is.
    """
    for place in (folder, *folder.absolute().parents):
        try:
            mode = place.stat().st_mode
        except FileNotFoundError:
            continue
        except OSError:
            return False
        writes = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
        return stat.S_ISDIR(mode) and bool(mode & writes) and os.access(place, os.W_OK | os.X_OK)
    return False
