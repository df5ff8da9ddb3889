"""Managers with real worker processes, which are closed after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.runs.server.manager import Manager

Make = Callable[..., Manager]


@pytest.fixture
def make_manager() -> Iterator[Make]:
    managers: list[Manager] = []

    def make(cap: int = 2, spare: bool = False, **more: Any) -> Manager:
        managers.append(Manager(cap=cap, spare=spare, **more))
        return managers[-1]

    yield make
    for manager in managers:
        manager.close()
