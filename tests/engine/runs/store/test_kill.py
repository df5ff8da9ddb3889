"""kill -9 of a worker, of the server and of both: the file can be opened, and the run continues bit for bit.

`python -m benchmarks.kill` does the same at fifty moments each and measures the lost progress.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.kill import CONFIG, MAX_MOMENT, VICTIMS, check_file, differing_results, kill_at_moment, resume_to_end
from engine.runs import states
from engine.runs.server.manager import Manager
from engine.runs.store.record import Record
from engine.runs.store.store import Store

MOMENT_COUNT = 5


@pytest.fixture(scope="module")
def manager(tmp_path_factory) -> Iterator[Manager]:
    manager = Manager(spare=False, store=Store(Path(tmp_path_factory.mktemp("stored")) / "runs.sqlite"))
    yield manager
    manager.close()


@pytest.fixture(scope="module")
def uninterrupted(manager) -> Record:
    """The uninterrupted run."""
    return resume_to_end(manager, manager.start(CONFIG).id)


@pytest.mark.slow
@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("seed", range(MOMENT_COUNT))
def test_a_resumed_killed_run_has_exactly_the_same_results(manager, uninterrupted, victim, seed):
    run_id, _ = kill_at_moment(manager.store, CONFIG, victim, random.Random(seed).uniform(0.0, MAX_MOMENT))
    check_file(manager.store)
    assert manager.store.load_about(run_id).state in (states.INTERRUPTED, states.FINISHED)
    assert differing_results(uninterrupted, resume_to_end(manager, run_id)) == []
