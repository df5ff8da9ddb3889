"""Records of trained runs, each trained once per session."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import RunConfig
from engine.runs.store.record import Record
from engine.runs.store.store import Store
from tests.engine.runs.store.keeping import train_run

Trained = Callable[..., Record]


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Trained:
    store = Store(tmp_path_factory.mktemp("exported") / "runs.sqlite")
    records: dict[str, Record] = {}

    def train(config: RunConfig, changes: dict[int, dict] | None = None, until: int | None = None) -> Record:
        key = repr((config, changes, until))
        if key not in records:
            record = store.load(train_run(store, config, changes=changes, until=until))
            assert record is not None
            records[key] = record
        return records[key]

    return train
