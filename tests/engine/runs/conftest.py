"""Real managers with real workers, ended whatever a test does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.runs.server.manager import Manager

Make = Callable[..., Manager]


@pytest.fixture
def make_manager() -> Iterator[Make]:
    made: list[Manager] = []

    def make(cap: int = 2, spare: bool = False, **more: Any) -> Manager:
        made.append(Manager(cap=cap, spare=spare, **more))
        return made[-1]

    yield make
    for manager in made:
        manager.close()
