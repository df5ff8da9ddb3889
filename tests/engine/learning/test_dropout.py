"""Masks: how many neurons they drop, which ones, and that each can be computed again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import FieldError, RunConfig, masks
from engine.learning import dropout
from engine.learning.dropout import keep_probabilities, masks_of_steps
from tests.engine.toys import toy_config

PROBABILITIES = st.floats(0, 0.99)


@given(p=PROBABILITIES, width=st.integers(1, 40), step=st.integers(1, 500), example=st.booleans())
def test_an_exact_mask_drops_exactly_its_share_of_the_neurons(p: float, width: int, step: int, example: bool) -> None:
    config = toy_config(hidden=(width,), drop_probability=p, dropout_mask="example" if example else "mini-batch")
    mask = masks(config, 1, step)
    assert mask.shape == ((config.mini_batch_size, width) if example else (width,))
    assert mask.dtype == bool
    assert (np.count_nonzero(~mask, axis=-1) == round(p * width)).all()


@pytest.mark.parametrize("count", ["exact", "bernoulli"])
@pytest.mark.parametrize("mask", ["mini-batch", "example"])
def test_every_neuron_is_dropped_equally_often(count: str, mask: str) -> None:
    config = toy_config(hidden=(10,), drop_probability=0.3, dropout_count=count, dropout_mask=mask)
    kept = masks_of_steps(config, 1, 1, 2_000).reshape(-1, 10)
    spread = np.sqrt(0.3 * 0.7 / len(kept))
    assert (np.abs(1 - kept.mean(axis=0) - 0.3) < 5 * spread).all()


def test_a_bernoulli_mask_drops_a_binomial_number_of_neurons() -> None:
    config = toy_config(hidden=(10,), drop_probability=0.3, dropout_count="bernoulli")
    dropped = (~masks_of_steps(config, 1, 1, 4_000)).sum(axis=-1)
    assert dropped.var() == pytest.approx(10 * 0.3 * 0.7, rel=0.15)


def test_the_bernoulli_masks_of_two_neurons_are_independent() -> None:
    config = toy_config(hidden=(4,), drop_probability=0.5, dropout_count="bernoulli")
    kept = masks_of_steps(config, 1, 1, 4_000)[:, 0].astype(float)
    correlations = np.corrcoef(kept.T)[np.triu_indices(4, 1)]
    assert (np.abs(correlations) < 5 / np.sqrt(4_000)).all()


@given(
    first=st.integers(1, 300),
    count=st.integers(1, 200),
    size=st.sampled_from([1, 3, 10, 64, 100]),
    example=st.booleans(),
    bernoulli=st.booleans(),
)
def test_masks_of_many_steps_equal_those_of_single_steps(
    first: int, count: int, size: int, example: bool, bernoulli: bool
) -> None:
    config = toy_config(
        hidden=(7,),
        mini_batch_size=size,
        drop_probability=0.4,
        dropout_mask="example" if example else "mini-batch",
        dropout_count="bernoulli" if bernoulli else "exact",
    )
    rows = masks_of_steps(config, 1, first, count)
    assert len(rows) == count
    for i in {0, count // 2, count - 1}:
        one = masks(config, 1, first + i)
        assert rows[i].tolist() == (one.tolist() if example else [one.tolist()])


@given(low=PROBABILITIES, high=PROBABILITIES, step=st.integers(1, 200), bernoulli=st.booleans())
def test_a_higher_probability_drops_the_same_neurons_and_more(
    low: float, high: float, step: int, bernoulli: bool
) -> None:
    low, high = sorted((low, high))
    count = "bernoulli" if bernoulli else "exact"

    def kept(p: float) -> np.ndarray:
        return masks(toy_config(hidden=(30,), drop_probability=p, dropout_count=count), 1, step)

    assert (kept(high) <= kept(low)).all()


def test_layers_steps_and_seeds_have_different_masks() -> None:
    drawn = [
        tuple(masks(RunConfig.demo(hidden=(40, 40), seed=seed), layer, step))
        for seed in (1, 2)
        for layer in (1, 2)
        for step in range(1, 200)
    ]
    assert len(set(drawn)) == len(drawn)


def test_the_examples_of_a_mini_batch_have_different_masks() -> None:
    rows = masks(RunConfig.demo(hidden=(40,), dropout_mask="example"), 1, 1)
    assert len({tuple(row) for row in rows}) == len(rows) == 10


def test_a_mask_depends_only_on_seed_layer_step_and_drop_count() -> None:
    other = RunConfig.demo(l2=0, l1=2, cost="quadratic", activation="relu", learning_rate=0.1, train_size=77, epochs=3)
    for step in (1, 64, 65, 1_000):
        assert masks(other, 1, step).tolist() == masks(RunConfig.demo(), 1, step).tolist()


def test_masks_of_the_inputs_have_their_own_probability_and_width() -> None:
    config = RunConfig.demo(input_drop_probability=0.2)
    assert np.count_nonzero(~masks(config, 0, 5, width=64)) == round(0.2 * 64)
    assert masks(RunConfig.demo(), 0, 5, width=64).all()
    assert keep_probabilities(RunConfig.demo(input_drop_probability=0.25, hidden=(9, 9)), 3) == [0.75, 0.5, 0.5]


def test_a_mask_is_read_only() -> None:
    mask = masks(RunConfig.demo(), 1, 1)
    with pytest.raises(ValueError, match="read-only"):
        mask[0] = False


@pytest.mark.parametrize(
    ("layer", "step", "field"), [(0, 1, "width"), (2, 1, "layer"), (-1, 1, "layer"), (1, 0, "step"), (1, -5, "step")]
)
def test_a_mask_of_an_invalid_layer_or_step_is_refused(layer: int, step: int, field: str) -> None:
    with pytest.raises(FieldError) as caught:
        masks(RunConfig.demo(), layer, step)
    assert caught.value.field == field


def test_equal_random_keys_do_not_change_the_number_of_dropped_neurons(monkeypatch: pytest.MonkeyPatch) -> None:
    class Coarse:
        """Keys with only three values: nearly every row has equal keys at the limit of dropping."""

        def random(self, shape: tuple[int, ...], dtype: type) -> np.ndarray:
            return np.random.default_rng(5).integers(0, 3, shape).astype(dtype)

    monkeypatch.setattr(dropout, "generator", lambda *args: Coarse())
    config = toy_config(hidden=(20,), drop_probability=0.35, seed=987_654_321)  # a seed without cached masks
    assert [masks(config, 1, step).sum() for step in range(1, 65)] == [13] * 64
