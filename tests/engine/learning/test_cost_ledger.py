"""The cost ledger, with given costs and numbers of correct answers."""

from __future__ import annotations

import numpy as np
from numpy import ndarray as Array

from engine.learning.cost_ledger import CostLedger

COSTS = np.arange(1.0, 13.0)  # the cost of update k is k
CORRECT = 2 ** np.arange(12)  # of update k: 2^(k − 1), so that every sum is another number
LENGTHS = [10, 10, 10, 4] * 3  # mini-batches of three epochs, each with a short one at the end


class RecordingBlock:
    """Returns costs and correct answers as a workspace does, and records each request."""

    def __init__(self, costs: Array = COSTS) -> None:
        self.costs = costs
        self.requests: list[tuple[int, int, int]] = []

    def __call__(self, first: int, end: int, batch: int) -> tuple[Array, Array]:
        self.requests.append((first, end, batch))
        return self.costs[first:end], CORRECT[first:end]


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


def test_correct_answers_are_counted_within_an_epoch():
    ledger, block = CostLedger(), RecordingBlock()
    assert ledger.correct == 0
    ledger.start_block(starts_epoch=True)
    collect(ledger, block, 3)
    assert ledger.correct == 0b111
    ledger.start_block(starts_epoch=False)
    collect(ledger, block, 4)
    ledger.take()
    assert ledger.correct == 0b1111, "taking the costs does not change the count"
    ledger.start_block(starts_epoch=True)
    assert ledger.correct == 0
    collect(ledger, block, 6)
    assert ledger.correct == 0b110000


def test_correct_answers_after_a_step_are_dropped():
    ledger, block = CostLedger(), RecordingBlock()
    collect(ledger, block, 2)
    ledger.start_block(starts_epoch=False)
    collect(ledger, block, 4)
    collect(ledger, block, 6)
    ledger.take()
    ledger.drop_after(3)
    assert ledger.correct == 0b111
    collect(ledger, block, 4)
    assert ledger.correct == 0b1111


def test_correct_answers_from_the_first_cost_that_is_not_finite_are_not_counted():
    costs = COSTS.copy()
    costs[2] = np.nan
    ledger = CostLedger()
    collect(ledger, RecordingBlock(costs), 4)
    assert ledger.correct == 0b11


def test_an_unknown_number_of_correct_answers_is_known_from_the_next_epoch_on():
    ledger, block = CostLedger(2, correct=None), RecordingBlock()
    ledger.start_block(starts_epoch=False)
    collect(ledger, block, 4)
    assert ledger.correct is None
    ledger.start_block(starts_epoch=True)
    collect(ledger, block, 5)
    assert ledger.correct == 0b10000
    resumed = CostLedger(2, correct=7)
    resumed.start_block(starts_epoch=False)
    collect(resumed, block, 3)
    assert resumed.correct == 7 + 0b100


def test_an_epoch_whose_first_updates_are_dropped_has_not_started():
    ledger, block = CostLedger(), RecordingBlock()
    collect(ledger, block, 4)
    ledger.start_block(starts_epoch=True)
    collect(ledger, block, 6)
    ledger.drop_after(4)
    assert ledger.correct == 0b1111
    ledger.start_block(starts_epoch=True)
    assert ledger.correct == 0
