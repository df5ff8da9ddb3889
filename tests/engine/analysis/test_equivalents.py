"""λ in other units, compared with loops over single updates and with published numbers."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from engine.analysis.equivalents import Equivalent, StepTerms, epochs_of, equivalents
from engine.families.penalties.group_lasso import GroupLasso
from engine.families.penalties.l1 import L1
from engine.families.penalties.l2 import L2, half_life
from engine.families.penalties.max_norm import MaxNorm
from engine.families.penalties.penalty import Penalty, UpdateEffect
from engine.families.penalties.sum import PenaltySum


def effect(penalty: L1 | L2, learning_rate: float = 0.5) -> UpdateEffect:
    found = penalty.effect(learning_rate)
    assert found is not None
    return found


def updates_to_half(share: float) -> int:
    """The number of updates until |w| is at most a half, counted in a loop."""
    w, count = 1.0, 0
    while abs(w) > 0.5:
        w -= share * w
        count += 1
    return count


@pytest.mark.parametrize("lmbda", [0.01, 1.0, 40.0, 400.0, 799.0, 999.0, 1001.0, 1300.0, 1900.0])
def test_a_half_life_is_the_number_of_updates_that_halve_a_weight(lmbda):
    assert math.ceil(effect(L2(lmbda, 500)).updates - 1e-9) == updates_to_half(0.5 * lmbda / 500)


def test_the_runs_of_the_chapter_halve_a_weight_in_138_6_and_2_77_epochs():
    small, full = effect(L2(0.1, 1_000)).updates, effect(L2(5.0, 50_000)).updates
    assert epochs_of(small, 1_000, 10) == pytest.approx(138.6, abs=0.05)
    assert epochs_of(full, 50_000, 10) == pytest.approx(2.77, abs=0.005)
    # the limit for small steps: ln 2 · m/(ηλ) epochs
    assert epochs_of(small, 1_000, 10) == pytest.approx(math.log(2) * 10 / (0.5 * 0.1), rel=1e-4)


def test_a_decay_below_the_precision_of_floats_has_a_half_life():
    assert half_life(1e-18) == pytest.approx(math.log(2) * 1e18, rel=1e-12)


def test_a_half_life_is_infinite_without_decay_and_0_for_a_share_of_1():
    assert [half_life(share) for share in (0.0, 1.0, 2.0)] == [math.inf, 0, math.inf]


def test_l1_moves_a_weight_from_1_to_zero_in_the_predicted_updates():
    push, w, count = 0.5 * 2.0 / 500, 1.0, 0
    while w > 0:
        w -= push
        count += 1
    assert effect(L1(2.0, 500)).updates == pytest.approx(count, abs=1)


def test_a_short_mini_batch_counts_as_one_update():
    assert epochs_of(30, 95, 10) == 3
    assert epochs_of(30, 101, 10) == pytest.approx(30 / 11)


def test_the_playground_rate_of_both_runs_of_the_chapter_is_1e_4():
    assert L2(0.1, 1_000).playground_setting() == ("L2", pytest.approx(1e-4))
    assert L2(5.0, 50_000).playground_setting() == ("L2", pytest.approx(1e-4))


def test_equivalent_settings_give_the_same_step_of_a_weight():
    rate, lmbda, n, m, w = 0.3, 0.7, 90, 6, 1.3
    l2, l1 = L2(lmbda, n), L1(lmbda, n)
    expected = rate * lmbda / n * w
    assert rate * 2 * (l2.keras_arguments() or {})["l2"] * w == pytest.approx(expected)  # d/dw of x w²
    assert rate * l2.pytorch_decay() * w == pytest.approx(expected)
    assert rate * (l2.sklearn_alpha(m) or 0) * w / m == pytest.approx(expected)
    assert rate * (l1.keras_arguments() or {})["l1"] == pytest.approx(rate * lmbda / n)  # d/dw of x |w| for w > 0


def test_max_norm_is_a_constraint_in_keras_and_a_statement_in_pytorch():
    found = {
        each.library: each
        for each in equivalents(PenaltySum([L2(1.0, 100), MaxNorm(3.0, 100)]), StepTerms(0.5, 100, 10, 30))
    }
    assert "kernel_constraint=keras.constraints.MaxNorm(3)" in found["Keras"].code
    assert "torch.renorm(W, 2, 0, 3)" in found["PyTorch, Max-norm"].code
    assert "[:-1]" in found["PyTorch, Max-norm"].code, "output weights are not bounded"


def settings(*penalties: Penalty) -> dict[str, Equivalent]:
    return {each.library: each for each in equivalents(PenaltySum(penalties), StepTerms(0.5, 100, 10, 30))}


@pytest.mark.parametrize("library", ["network2.py", "scikit-learn", "TensorFlow Playground"])
@pytest.mark.parametrize("others", [[], [L2(1.0, 100)], [L1(1.0, 100)]])
def test_a_library_without_max_norm_is_not_shown_as_equivalent(library, others):
    found = settings(*others, MaxNorm(3.0, 100))[library]
    assert "max-norm" in found.setting
    assert "has no" in found.setting or "has neither" in found.setting
    assert not found.code or library == "scikit-learn"  # its line is for the other penalty only


def test_penalties_without_an_equivalent_are_listed_in_a_sentence():
    lasso, group, bound = L1(1.0, 100), GroupLasso(1.0, 100), MaxNorm(3.0, 100)
    assert settings(lasso, group)["scikit-learn"].setting == "its MLPClassifier has neither L1 nor group lasso"
    three = settings(lasso, group, bound)["scikit-learn"].setting
    assert three == "its MLPClassifier has no L1, group lasso or max-norm"
    partly = settings(L2(1.0, 100), group, bound)["scikit-learn"]
    assert partly.setting == "alpha=0.1 for L2; it has neither group lasso nor max-norm"
    assert settings(L2(1.0, 100), bound)["network2.py"].setting == "has no max-norm"
    assert settings(lasso, L2(1.0, 100))["TensorFlow Playground"].setting == "L1 or L2, never both"


class SecondL2(L2):
    """Another penalty with an `lmbda` in network2.py."""

    name = "Twice"


def test_two_penalties_with_an_lmbda_need_a_changed_line_in_network2():
    found = settings(L2(1.0, 100), SecondL2(3.0, 100))["network2.py"]
    names = {"self": SimpleNamespace(weights=[2.0]), "eta": 0.5, "n": 100, "nabla_w": [0.0], "mini_batch": [0]}
    exec(found.code, names)
    (w,) = names["self"].weights
    assert w == pytest.approx(2.0 * (1 - 0.5 * 1 / 100) * (1 - 0.5 * 3 / 100))
