"""Where a run stands, in the server: its newest weights that are kept, its data, and which examples it gets right."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from numpy import ndarray as Array

from engine.analysis.robustness import Robustness, robustness
from engine.data.selection import one_hot
from engine.learning.metrics import evaluate
from engine.runs.extracts.run_state import RunState
from engine.runs.history.looking_back import run_state_at
from engine.runs.server.run import Run

KEPT = 40  # runs: five boards of eight

_known: OrderedDict[tuple[str, int], Standing] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Standing:
    """A run at its newest keyframe.

    Attributes:
        run_state: its network and its data then.
    """

    run_state: RunState

    @property
    def judge(self) -> tuple[Array, Array]:
        """The examples that it is judged on: inputs (n, features), targets one-hot (n, classes)."""
        judge = self.run_state.data.judge
        return judge.x, one_hot(judge.labels, self.run_state.data.dataset.classes, self.run_state.parameters.flat.dtype)

    @cached_property
    def right(self) -> Array:
        """True for every example of the judge that the full network classifies correctly (n,)."""
        return evaluate(self.run_state.architecture, self.run_state.full, *self.judge)[1]

    @cached_property
    def robustness(self) -> Robustness:
        """What is left of the network when neurons are destroyed at random: as many runs compared, the same orders."""
        return robustness(
            self.run_state.architecture, self.run_state.full, *self.judge, seed=self.run_state.initial_config.seed
        )


def standing_of(run: Run) -> Standing | None:
    """Where a run stands; None where it has not begun. Made once for each keyframe.

    Raises:
        FieldError: when its data are no longer there.
    """
    with run.lock:
        telemetry = run.telemetry
        keyframe = telemetry.keyframes.before(telemetry.step)
    if keyframe is None:
        return None
    key = (run.id, keyframe.step)
    with _lock:
        found = _known.get(key)
    if found is None:
        found = Standing(run_state_at(run.initial_config, telemetry, keyframe))
        with _lock:
            _known[key] = found
            while len(_known) > KEPT:
                _known.popitem(last=False)
    return found


def judged_alike(one: Standing, other: Standing) -> bool:
    """Whether two runs are judged on the same examples."""
    first, second = one.run_state.data.judge, other.run_state.data.judge
    return first is second or (
        first.labels.shape == second.labels.shape
        and bool((first.labels == second.labels).all())
        and first.x.shape == second.x.shape
        and bool((first.x == second.x).all())
    )
