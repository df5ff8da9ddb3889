"""Runs really trained, as they are known afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import RunConfig
from engine.runs.store.record import Record
from engine.runs.store.store import Store
from tests.engine.runs.store.keeping import work

Trained = Callable[..., Record]


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Trained:
    store = Store(tmp_path_factory.mktemp("exported") / "runs.sqlite")
    known: dict[str, Record] = {}

    def train(config: RunConfig, changes: dict[int, dict] | None = None, until: int | None = None) -> Record:
        key = repr((config, changes, until))
        if key not in known:
            record = store.load(work(store, config, changes=changes, until=until))
            assert record is not None
            known[key] = record
        return known[key]

    return train
