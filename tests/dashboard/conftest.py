from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dashboard.serving import STREAMLIT, Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server as the README starts it, one for all tests that only read from it."""
    server = Server(*STREAMLIT, "--server.port={port}")
    yield server
    server.close()
