"""The newest network of a run, with its correct predictions on the evaluation set."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from numpy import ndarray as Array

from engine.analysis.robustness import Robustness, measure_robustness
from engine.data.selection import one_hot
from engine.learning.metrics import evaluate
from engine.runs.extracts.run_state import RunState
from engine.runs.history.past_telemetry import run_state_at
from engine.runs.server.run import Run

MAX_CACHED = 40  # networks; five boards of eight runs

_cache: OrderedDict[tuple[str, int], EvaluatedNetwork] = OrderedDict()  # by run id and step
_lock = Lock()


@dataclass(frozen=True)
class EvaluatedNetwork:
    """The network of a run at its newest keyframe. Results are cached.

    Attributes:
        run_state: the network and its data.
    """

    run_state: RunState

    @property
    def evaluation(self) -> tuple[Array, Array]:
        """The evaluation set: inputs (n, features), targets one-hot (n, classes)."""
        evaluation = self.run_state.data.evaluation
        return evaluation.x, one_hot(
            evaluation.labels, self.run_state.data.dataset.classes, self.run_state.parameters.flat.dtype
        )

    @cached_property
    def correct(self) -> Array:
        """Whether the full network classifies each example of the evaluation set correctly, bool (n,)."""
        return evaluate(self.run_state.architecture, self.run_state.full_network, *self.evaluation)[1]

    @cached_property
    def robustness(self) -> Robustness:
        """The accuracy after neurons are destroyed at random; runs of one seed lose the same neurons."""
        return measure_robustness(
            self.run_state.architecture,
            self.run_state.full_network,
            *self.evaluation,
            seed=self.run_state.initial_config.seed,
        )


def evaluated_network_of(run: Run) -> EvaluatedNetwork | None:
    """Return the network at the newest keyframe of a run, cached; None if there is no keyframe yet.

    Raises:
        FieldError: if the data set is missing.
    """
    with run.lock:
        telemetry = run.telemetry
        keyframe = telemetry.keyframes.latest_at_or_before(telemetry.step)
    if keyframe is None:
        return None
    key = (run.id, keyframe.step)
    with _lock:
        network = _cache.get(key)
    if network is None:
        network = EvaluatedNetwork(run_state_at(run.initial_config, telemetry, keyframe))
        with _lock:
            _cache[key] = network
            while len(_cache) > MAX_CACHED:
                _cache.popitem(last=False)
    return network


def same_evaluation_set(one: EvaluatedNetwork, other: EvaluatedNetwork) -> bool:
    """Return whether two networks are evaluated on the same examples."""
    first, second = one.run_state.data.evaluation, other.run_state.data.evaluation
    return first is second or (
        first.labels.shape == second.labels.shape
        and bool((first.labels == second.labels).all())
        and first.x.shape == second.x.shape
        and bool((first.x == second.x).all())
    )
