"""A server that is configured for other machines but listens on 127.0.0.1 only.

A test must not open a port to other machines. uvicorn listens on the address of its own option, while the program reads
`server.address` from the options file.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.dashboard.serving import ROOT, Server

UVICORN = (sys.executable, "-m", "uvicorn", "dashboard.app:app", "--host", "127.0.0.1", "--port", "{port}")


def open_server(folder: Path) -> Server:
    """Write the options file to an empty folder and start the server there."""
    options = folder / ".streamlit" / "config.toml"
    options.parent.mkdir()
    options.write_text('[server]\naddress = "0.0.0.0"\n')
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return Server(*UVICORN, folder=folder, environment={"PYTHONPATH": paths})
