"""The cost ledger, with given costs."""

from __future__ import annotations

import numpy as np
from numpy import ndarray as Array

from engine.learning.cost_ledger import CostLedger

COSTS = np.arange(1.0, 13.0)  # the cost of update k is k
LENGTHS = [10, 10, 10, 4] * 3  # mini-batches of three epochs, each with a short one at the end


class RecordingBlock:
    """Returns costs as a workspace does, and records each request."""

    def __init__(self, costs: Array = COSTS) -> None:
        self.costs = costs
        self.requests: list[tuple[int, int, int]] = []

    def __call__(self, first: int, end: int, batch: int) -> Array:
        self.requests.append((first, end, batch))
        return self.costs[first:end]


def collect(ledger: CostLedger, block: RecordingBlock, end: int) -> int:
    return ledger.collect(block, end, LENGTHS.__getitem__)


def test_costs_are_taken_once_and_in_order():
    ledger, block = CostLedger(), RecordingBlock()
    assert collect(ledger, block, 2) == 2
    assert collect(ledger, block, 4) == 4
    assert ledger.take().tolist() == [1, 2, 3, 4]
    assert collect(ledger, block, 7) == 7
    assert ledger.take().tolist() == [5, 6, 7]
    assert ledger.take().tolist() == []


def test_a_request_has_mini_batches_of_one_length_only():
    block = RecordingBlock()
    collect(CostLedger(), block, 4)
    assert block.requests == [(0, 3, 10), (3, 4, 4)]


def test_the_ledger_of_a_resumed_run_starts_after_its_step():
    ledger = CostLedger(5)
    collect(ledger, RecordingBlock(), 7)
    assert ledger.take().tolist() == [6, 7]


def test_collecting_stops_before_the_first_cost_that_is_not_finite():
    for bad in (np.nan, np.inf):
        costs = COSTS.copy()
        costs[[1, 3]] = bad
        ledger = CostLedger()
        assert collect(ledger, RecordingBlock(costs), 4) == 1
        assert ledger.step == 1
        assert ledger.take().tolist() == [1]


def test_costs_after_a_step_can_be_dropped():
    ledger, block = CostLedger(), RecordingBlock()
    collect(ledger, block, 6)
    ledger.drop_after(4)
    assert ledger.step == 4
    assert ledger.take().tolist() == [1, 2, 3, 4]
    collect(ledger, block, 7)
    ledger.take()
    ledger.drop_after(3)
    assert ledger.take().tolist() == [], "costs that were taken are not returned again"
