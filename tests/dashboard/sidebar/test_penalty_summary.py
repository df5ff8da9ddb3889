"""The sentence about the penalties of a run, for every penalty and every pair."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dashboard.sidebar.penalty_summary import summarize_penalties
from engine.families.penalties import PENALTIES
from engine.families.penalties.l1 import L1
from engine.families.penalties.l2 import L2
from engine.families.penalties.penalty import Penalty
from engine.families.penalties.sum import PenaltySum

ETA, N, M = 0.5, 500, 10


def member_of(field: str) -> Penalty:
    return PENALTIES[field].of(2.0, N)


def step_sizes(member: Penalty) -> tuple[float, float]:
    """How far an update without a data gradient moves weights of 1 and 3."""
    W, scratch, penalties = np.array([[1.0], [3.0]]), np.empty((1, 2)), PenaltySum([member])
    penalties.step_before(W, ETA, scratch)
    W *= penalties.decay(ETA)
    penalties.step_after(W, ETA, scratch)
    return 1 - W[0, 0], 3 - W[1, 0]


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(PENALTIES, 2)))
def test_the_sentence_of_a_pair_has_a_part_for_each_penalty(one, other):
    members = [member_of(one), member_of(other)]
    sentence = summarize_penalties(PenaltySum(members), ETA, N, M)
    assert sentence.startswith("Each update: ")
    parts = sentence.removeprefix("Each update: ").replace(" off a weight", "").replace("; ", " and ").split(" and ")
    for member in members:
        if member.effect(ETA) is None:
            assert member.step_phrase in sentence
            assert member.name.lower() in sentence.lower()
        else:
            small, large = step_sizes(member)
            relative = large == pytest.approx(3 * small)
            assert (f"{100 * small:.2g} %" if relative else f"{small:.2g}") in parts


@pytest.mark.parametrize("field", PENALTIES)
def test_a_single_penalty_has_its_formula_or_its_phrase(field):
    member = member_of(field)
    sentence = summarize_penalties(PenaltySum([member]), ETA, N, M)
    effect = member.effect(ETA)
    if effect is None:
        assert sentence == f"Each update {member.step_phrase}"
    else:
        assert sentence.startswith(f"{effect.formula} = {step_sizes(member)[0]:.2g} ")


def test_without_a_penalty_the_sentence_is_about_no_decay():
    assert summarize_penalties(PenaltySum(), ETA, N, M) == "No penalty: no weight decays."


def test_a_share_of_1_or_more_has_no_half_life():
    assert summarize_penalties(PenaltySum([L2(1_500, N)]), ETA, N, M) == "ηλ/n = 1.5 of every weight, each update"
    assert summarize_penalties(PenaltySum([L1(1_500, N)]), ETA, N, M) == "ηλ/n = 1.5 off every weight, each update"
