"""kill -9 of a worker, of the server and of both: the file opens, and the run goes on bit for bit.

`python -m benchmarks.kill` does the same at fifty moments each, and says how much was lost.
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

MOMENTS = 5


@pytest.fixture(scope="module")
def manager(tmp_path_factory) -> Iterator[Manager]:
    manager = Manager(spare=False, store=Store(Path(tmp_path_factory.mktemp("kept")) / "runs.sqlite"))
    yield manager
    manager.close()


@pytest.fixture(scope="module")
def whole(manager) -> Record:
    """The run that nobody interrupts."""
    return resume_to_end(manager, manager.start(CONFIG).id)


@pytest.mark.slow
@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("seed", range(MOMENTS))
def test_a_killed_run_resumes_to_exactly_the_same_end(manager, whole, victim, seed):
    run_id, _ = kill_at_moment(manager.store, CONFIG, victim, random.Random(seed).uniform(0.0, MAX_MOMENT))
    check_file(manager.store)
    assert manager.store.load_about(run_id).state in (states.INTERRUPTED, states.FINISHED)
    assert differing_results(whole, resume_to_end(manager, run_id)) == []
