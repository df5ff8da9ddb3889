"""A server whose options say that it answers other machines, while it listens on 127.0.0.1.

A test must not open a port to others. uvicorn listens where its own option says, and the program reads
`server.address` from a file of options.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.dashboard.serving import ROOT, Server

UVICORN = (sys.executable, "-m", "uvicorn", "dashboard.app:app", "--host", "127.0.0.1", "--port", "{port}")


def open_server(folder: Path) -> Server:
    """Start the server in an empty folder."""
    options = folder / ".streamlit" / "config.toml"
    options.parent.mkdir()
    options.write_text('[server]\naddress = "0.0.0.0"\n')
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return Server(*UVICORN, folder=folder, environment={"PYTHONPATH": paths})
