"""A group: several runs watched as one, on the same axes and in the same frame.

It keeps nothing of its own. Its id is made of its runs', so that a page that is loaded again, or a socket
that is dialled again, finds the same one as long as the server knows its runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any

from dashboard.charts.overlays import Entrant
from engine import FieldError, dataset_of
from engine.analysis.twins import MOST, regularizer
from engine.learning.metrics import weight_histogram
from engine.learning.network import Parameters, sizes_of
from engine.runs import states
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.history.looking_back import telemetry_at
from engine.runs.server.run import Run

PREFIX, BETWEEN = "group", "-"  # of a group's id, and between its runs' ids

# The state of a group is the first of these that one of its runs is in.
LIVELIEST = (
    states.RUNNING,
    states.QUEUED,
    states.PAUSED,
    states.INTERRUPTED,
    states.FAILED,
    states.DIVERGED,
    states.STOPPED,
    states.FINISHED,
)


class Group:
    """Runs that are watched together, in this order.

    Args:
        runs: 1 to `MOST` of them, no two the same.

    Attributes:
        id: names it in links: its runs' ids, one after another.
        token: whoever has it may watch; made of its runs' tokens, and so no easier to guess.

    Raises:
        FieldError: for none, too many, or the same run twice.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        if not 1 <= len(runs) <= MOST:
            raise FieldError("runs", f"must be 1 to {MOST} to be compared live, got {len(runs)}: take fewer")
        if len({run.id for run in runs}) < len(runs):
            raise FieldError("runs", "must differ, got the same one twice: leave one of them out")
        self.runs = tuple(runs)
        self.id = BETWEEN.join([PREFIX, *(run.id for run in runs)])
        self.token = sha256("\n".join(run.token for run in runs).encode()).hexdigest()

    @property
    def state(self) -> str:
        """The liveliest of its runs' states."""
        mine = {run.state for run in self.runs}
        return next(state for state in LIVELIEST if state in mine)

    @property
    def names(self) -> list[str]:
        """What its runs are called: those that nobody has named by what regularizes them. No two are the same."""
        found: list[str] = []
        for run in self.runs:
            name = run.name or regularizer(run.current_config)
            numbered = (f"{name} ({i})" for i in count(2))
            found.append(name if name not in found else next(each for each in numbered if each not in found))
        return found

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener`, from some thread, whenever something is new in any run; returns how to end that."""
        ends = [run.listen(listener) for run in self.runs]

        def end() -> None:
            for each in ends:
                each()

        return end

    @contextmanager
    def lock(self) -> Iterator[None]:
        """While no report is being added to any of its runs. Always in the same order: two groups may share runs."""
        with ExitStack() as held:
            for run in sorted(self.runs, key=lambda run: run.id):
                held.enter_context(run.lock)
            yield

    def entrants(self) -> tuple[Entrant, ...]:
        """Its runs as the charts take them; read them under `lock`."""
        return tuple(
            Entrant(name, run.current_config, run.telemetry) for name, run in zip(self.names, self.runs, strict=True)
        )

    def unknown(self) -> tuple[Entrant, ...]:
        """The same without anything that is known of them: what a figure is made from, once."""
        return tuple(Entrant(name, run.current_config) for name, run in zip(self.names, self.runs, strict=True))

    def sequence(self, part: str) -> int:
        """The sequence number of a part of its frame: the sum of the runs' own, which only grow."""
        return sum(run.telemetry.sequence[part] for run in self.runs)

    # steps: runs whose epochs have different numbers of updates share the clock of the one that has most

    @property
    def steps_per_epoch(self) -> int:
        return max(run.telemetry.steps_per_epoch for run in self.runs)

    @property
    def step(self) -> int:
        """How far the furthest of its runs is, in steps of the group's clock."""
        return max(round(run.telemetry.step * self._pace_of(run)) for run in self.runs)

    def _pace_of(self, run: Run) -> float:
        """Steps of the group's clock for one of a run."""
        own = run.telemetry.steps_per_epoch
        return self.steps_per_epoch / own if own else 1.0

    def at(self, step: int) -> tuple[Entrant, ...]:
        """Its runs as they were at a step of the group's clock: lines cut there, weights of the keyframe before."""
        with self.lock():
            past = [
                telemetry_at(run.initial_config, run.telemetry, round(step / self._pace_of(run))) for run in self.runs
            ]
            frames = [run.telemetry.keyframes.before(then.step) for run, then in zip(self.runs, past, strict=True)]
        found = []
        for entrant, then, frame in zip(self.entrants(), past, frames, strict=True):
            then.views = _weights(entrant, frame)
            found.append(replace(entrant, telemetry=then))
        return tuple(found)


def group_of(group_id: str, get: Callable[[str], Run | None]) -> Group | None:
    """The group of that id; None where there is none, or one of its runs is no longer known.

    Args:
        get: gives the run of an id.
    """
    prefix, *ids = group_id.split(BETWEEN)
    runs = [run for run in map(get, ids) if run is not None]
    if prefix != PREFIX or len(runs) < len(ids):
        return None
    try:
        return Group(runs)
    except FieldError:  # an address may say anything
        return None


def _weights(entrant: Entrant, keyframe: Keyframe | None) -> dict[str, Any]:
    """The one view that overlays draw, from the weights alone: the others would need each run's data, too."""
    if keyframe is None:
        return {}
    try:
        dataset = dataset_of(entrant.current_config)
    except FieldError:  # removed meanwhile
        return {}
    sizes = sizes_of(entrant.current_config, dataset.features, dataset.classes)
    return {"weights": weight_histogram(Parameters(sizes, keyframe.flat))}
