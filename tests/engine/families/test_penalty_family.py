"""Every penalty of the table works in all parts of the engine. A new one is tested without changes here."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from engine import Change, FieldError, RunConfig, Training, select, warnings
from engine.analysis import tug_of_war
from engine.analysis.decay import Decay, decay_over
from engine.analysis.equivalents import StepTerms, equivalents
from engine.analysis.futures import futures_of
from engine.analysis.magnitudes import magnitudes, zero_tolerance
from engine.analysis.regularizers import (
    DROPOUT_OFF,
    NO_REGULARIZATION,
    has_dropout,
    is_regularized,
    regularizer_text,
    without_regularizers,
)
from engine.analysis.twins import LMBDA_FACTORS, race_twins, vary_setting
from engine.config import SETTINGS
from engine.families.penalties import PENALTIES, penalty_of
from engine.families.penalties.penalty import Penalty, lowercase_unless_acronym
from engine.families.penalties.sum import PenaltySum
from engine.learning import sgd
from engine.runs.export.program import program_text
from tests.engine.toys import run_all, toy_config, toy_dataset, toy_training

STRENGTH = 0.6
VARIANTS = [
    pytest.param(field, dict(zip(member.options, values, strict=True)), id="-".join([field, *values]))
    for field, member in PENALTIES.items()
    for values in itertools.product(*(SETTINGS[option].kind.choices for option in member.options))  # type: ignore[attr-defined]
]
every_penalty = pytest.mark.parametrize("field", PENALTIES)
every_variant = pytest.mark.parametrize(("field", "options"), VARIANTS)


def config_of(field: str, options: dict[str, Any] | None = None, **changes: Any) -> RunConfig:
    return toy_config(**{field: STRENGTH, **(options or {}), **changes})


def update_weights(config: RunConfig, w: Sequence[float] | np.ndarray, learning_rate: float = 0.5) -> np.ndarray:
    """The incoming weights of one neuron after an update without a data gradient, for 13 examples."""
    penalties = penalty_of(config, 13)
    W, scratch = np.array(w, dtype=float)[:, None], np.empty((penalties.scratch_rows, len(w)))
    penalties.step_before(W, learning_rate, scratch)
    W *= penalties.decay(learning_rate)
    penalties.step_after(W, learning_rate, scratch)
    penalties.take_neuron_steps([W, np.empty((1, 1))], learning_rate, scratch)
    return W[:, 0]


def training_after(config: RunConfig, count: int, start: np.ndarray | None = None) -> Training:
    training = toy_training(config)
    if start is not None:
        training.parameters.flat[:] = start
    training.run(count)
    return training


@every_penalty
def test_it_is_a_setting_that_is_off_by_default(field):
    assert getattr(RunConfig(), field) == PENALTIES[field].off_value
    assert not penalty_of(RunConfig(), 100)
    assert not is_regularized(RunConfig())
    assert is_regularized(RunConfig(**{field: STRENGTH}))
    assert without_regularizers(RunConfig(**{field: STRENGTH})) == RunConfig()
    with pytest.raises(FieldError, match=field):
        RunConfig(**{field: -1.0})


@every_variant
def test_an_update_moves_only_the_weights_of_its_layers(field, options):
    member = PENALTIES[field]
    training, plain = training_after(config_of(field, options), 1), training_after(toy_config(), 1)
    for b, other in zip(training.parameters.biases, plain.parameters.biases, strict=True):
        np.testing.assert_allclose(b, other, atol=1e-14)
    moved = [
        not np.allclose(W, other, atol=1e-14)
        for W, other in zip(training.parameters.weights, plain.parameters.weights, strict=True)
    ]
    assert moved == [True, not member.hidden_layers_only]


@every_variant
def test_a_snapshot_has_its_value_if_it_adds_to_the_cost(field, options):
    training = training_after(config_of(field, options), 3)
    snapshot = training.measure()
    assert (snapshot.penalty > 0) == PENALTIES[field].adds_cost
    weights = training.parameters.weights
    half = [0.5 * W for W in weights]
    value = training.penalty.value(weights, training.parameters.flat_weights)
    smaller = training.penalty.value(half, np.concatenate([W.ravel() for W in half]))
    assert smaller < value or not PENALTIES[field].adds_cost, "smaller weights cost less"


@every_variant
def test_its_step_alone_never_increases_its_value(field, options):
    penalties = penalty_of(config_of(field, options), 13)
    rng = np.random.default_rng(3)
    weights = [rng.normal(size=(4, 5)), rng.normal(size=(5, 3))]
    scratch = np.empty((penalties.scratch_rows, 20))

    def value() -> float:
        return penalties.value(weights, np.concatenate([W.ravel() for W in weights]))

    for _ in range(20):
        before = value()
        for W in weights:
            penalties.step_before(W, 0.1, scratch)
            W *= penalties.decay(0.1)
            penalties.step_after(W, 0.1, scratch)
        penalties.take_neuron_steps(weights, 0.1, scratch)
        assert value() <= before


@every_variant
@pytest.mark.parametrize("other", [None, *PENALTIES])
def test_cut_out_and_masked_training_take_the_same_steps(field, options, other, monkeypatch):
    changes = {**options, **({other: 0.4} if other and other != field else {})}
    config = config_of(field, changes, drop_probability=0.5, hidden=(6, 5))
    found = []
    for cut in (True, False):
        monkeypatch.setattr(sgd, "is_thinning_faster", lambda config, sizes, cut=cut: cut)
        training = toy_training(config)
        run_all(training)
        found.append(training.parameters.flat)
    np.testing.assert_allclose(*found, rtol=1e-9, atol=1e-12)


@every_variant
def test_its_decay_curve_equals_training_or_has_a_reason(field, options):
    config = config_of(field, options, hidden=())
    if isinstance(reason := decay_over(config_of(field, options), [], 13, 8), str):
        assert lowercase_unless_acronym(PENALTIES[field].name) in reason
        steps = np.diff(update_weights(config_of(field, options), [0.5, 1.5, 2.5]))
        assert not PENALTIES[field].elementwise or steps[0] != pytest.approx(steps[1]), "its decay has a formula"
        return
    dataset = toy_dataset()
    dataset.training.x[:] = 0  # no weight has a data gradient
    training = toy_training(config, dataset)
    start = training.parameters.weights[0].copy()
    run_all(training)
    curve = decay_over(config, [], 13, training.step)
    assert isinstance(curve, Decay)
    np.testing.assert_allclose(training.parameters.weights[0], curve(start), atol=curve.max_error + 1e-12)


@every_variant
def test_the_tug_of_war_adds_up_to_the_next_update(field, options):
    config = config_of(field, options)
    training = training_after(config, 2)
    update = tug_of_war.next_update(config, training.data, training.parameters, training.step)
    assert update is not None
    for layer, row, column in ((0, 1, 2), (1, 2, 0)):
        rule = tug_of_war.update_of_weight(update, layer, row, column)
        w = rule.w
        for move in rule.parts:
            w = w * move.factor + move.summand
        assert w == pytest.approx(rule.next, abs=1e-12)
        assert rule.next == pytest.approx(rule.w + rule.data + rule.penalty, abs=1e-12)
    training.run(1)
    for W, expected in zip(training.parameters.weights, update.after, strict=True):
        np.testing.assert_allclose(W, expected, atol=1e-13)


@every_variant
def test_a_strong_one_gives_exact_zeros_if_it_is_declared_to(field, options):
    training = training_after(config_of(field, options, learning_rate=0.1), 0)
    scratch = np.empty((training.penalty.scratch_rows, 20))
    strong = penalty_of(config_of(field, {**options, field: 400.0}), 13)
    for W in training.parameters.weights:
        strong.step_before(W, 0.1, scratch)
        strong.step_after(W, 0.1, scratch)
    strong.take_neuron_steps(training.parameters.weights, 0.1, scratch)
    found = list(magnitudes(training.parameters, 0.0))
    assert (found[0].zeros > 0) == strong.exact_zeros
    assert (found[0].zero_neurons > 0) == (strong.zero_neurons or found[0].zeros == 1)


@every_variant
def test_its_zero_tolerance_is_its_step_at_a_weight_of_1(field, options):
    config = config_of(field, options)
    found = penalty_of(config, 13).zero_tolerance(0.5)
    if found is None:
        assert zero_tolerance(config, 0.5, 13) == 0
        assert PENALTIES[field].of(STRENGTH, 13, **options).effect(0.5) is None
        return
    assert zero_tolerance(config, 0.5, 13) == found.length == pytest.approx(1 - update_weights(config, [1.0])[0])
    length_at_3 = 3 - update_weights(config, [3.0])[0]
    assert found.is_step == (length_at_3 == pytest.approx(found.length))
    assert found.explanation.startswith(found.symbol)
    assert SETTINGS[field].label in found.explanation


@every_variant
def test_its_effect_is_its_step_and_predicts_the_updates(field, options):
    config = config_of(field, options)
    effect = PENALTIES[field].of(STRENGTH, 13, **options).effect(0.5)
    if effect is None:
        assert PENALTIES[field].step_phrase
        return
    assert effect.amount == pytest.approx(1 - update_weights(config, [1.0])[0])
    assert effect.is_relative == (3 - update_weights(config, [3.0])[0] == pytest.approx(3 * effect.amount))
    w = 1.0
    for _ in range(math.ceil(effect.updates)):
        w = update_weights(config, [w])[0]
    goal = 0.5 if effect.is_relative else 0.0
    assert goal - effect.amount <= w <= goal + 1e-9


@every_variant
def test_its_equivalent_stop_is_one_over_the_share_of_an_update(field, options):
    """n/(ηλ) updates, if the step is a share of the weight (Goodfellow et al., section 7.8)."""
    member = PENALTIES[field].of(STRENGTH, 13, **options)
    effect, stop = member.effect(0.5), member.equivalent_early_stopping(0.5)
    assert (stop is None) == (effect is None or not effect.is_relative)
    if stop is not None:
        assert stop.updates == pytest.approx(1 / (1 - update_weights(config_of(field, options), [1.0])[0]))
        assert stop.formula


@every_penalty
def test_it_can_be_raced_varied_and_forked(field):
    member, config = PENALTIES[field], RunConfig(**{field: STRENGTH})
    assert SETTINGS[field].assignment(STRENGTH) in regularizer_text(config)
    assert [getattr(twin.config, field) for twin in vary_setting(RunConfig(), field, [0.5, 1.0])] == [0.5, 1.0]
    futures = futures_of(config)
    if member.adds_cost:
        assert futures["no penalty"] == {field: member.off_value}
        assert futures["λ × 10"] == {field: 10 * STRENGTH}
        assert field in futures_of(RunConfig())[f"{member.name} instead"]
    if member.demo_strength is not None:
        raced = race_twins(RunConfig(), "every regularizer", 500)
        both = race_twins(config, f"none, {member.name}, dropout, both", 500)
        assert [(getattr(each.config, field), each.config.drop_probability) for each in both] == [
            (member.off_value, 0.0),
            (STRENGTH, 0.0),
            (member.off_value, 0.5),
            (STRENGTH, 0.5),
        ]
        chapter = race_twins(RunConfig(), "none, L2, L1, dropout", 500)
        assert any(getattr(each.config, field) for each in chapter) == member.in_chapter
        assert [twin.config for twin in raced if getattr(twin.config, field)] == [
            RunConfig(**{field: member.demo_strength})
        ]
        ladder = race_twins(config, "a ladder of λ", 500)
        assert [getattr(twin.config, field) for twin in ladder] == pytest.approx(
            [each * STRENGTH for each in LMBDA_FACTORS]
        )


@every_penalty
def test_it_can_change_while_a_run_trains(field):
    training = training_after(toy_config(), 2)
    start = training.parameters.flat.copy()
    changed = toy_training(toy_config(), changes=[Change(2, {field: STRENGTH})])
    changed.run(2)
    assert changed.parameters.flat.tobytes() == start.tobytes()
    changed.run(1)
    training.run(1)
    assert changed.parameters.flat.tobytes() != training.parameters.flat.tobytes()


@every_variant
def test_every_other_library_has_a_line(field, options):
    penalties = penalty_of(config_of(field, options), 13)
    found = equivalents(penalties, StepTerms(0.5, 13, 4, 3))
    assert {each.library for each in found} >= {"network2.py", "Keras", "PyTorch SGD", "scikit-learn"}
    assert all(each.setting for each in found)
    settings = {each.library: each for each in found}
    (member,) = penalties.members
    for library, equivalent in {
        "network2.py": member.network2_lmbda(),
        "scikit-learn": member.sklearn_alpha(4),
        "TensorFlow Playground": member.playground_setting(),
    }.items():
        if equivalent is None:
            assert f"has no {lowercase_unless_acronym(member.name)}" in settings[library].setting
            assert not settings[library].code or member.network2_terms()
        else:
            assert settings[library].code
    for each in found:
        if each.library.startswith("PyTorch"):
            compile(each.code, each.library, "exec")


@every_variant
def test_configs_and_programs_contain_it(field, options):
    config = RunConfig(**{field: STRENGTH, **options})
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert f"{field}={STRENGTH!r}" in program_text(config)


@every_variant
def test_a_strength_is_refused_if_and_only_if_its_step_diverges(field, options):
    for strength in (0.3, 3.0, 30.0, 50.0, 60.0, 300.0, 3e4):
        config = config_of(field, {**options, field: strength})
        path = [np.array([1.0, -0.7])]
        for _ in range(100):
            path.append(update_weights(config, path[-1]))
        diverges = bool(np.abs(path[100]).max() > 1.5 * np.abs(path[50]).max())
        refusal = PENALTIES[field].of(strength, 13, **options).check(0.5)
        assert (refusal is not None) == diverges, strength


@every_variant
def test_the_limit_in_an_error_or_warning_is_exact(field, options):
    def member(strength: float) -> Penalty:
        return PENALTIES[field].of(strength, 13, **options)

    assert warnings(config_of(field, options), 13) == []
    for check in (lambda each: each.check(0.5), lambda each: each.warning(0.5, 0.25)):
        message = check(member(1e5))
        if message is None:
            assert all(check(member(strength)) is None for strength in (0.1, 10.0, 1e3))
            continue
        limit = float(re.search(r"take λ below ([\d.e+]+)$", message).group(1))
        assert check(member(0.99 * limit)) is None
        assert check(member(1.01 * limit)) is not None


@every_penalty
def test_its_value_adds_up_with_that_of_every_other_penalty(field):
    for other in PENALTIES:
        both = toy_config(**{field: STRENGTH, other: STRENGTH})
        training = training_after(both, 4)
        assert np.isfinite(training.parameters.flat).all()
        alone = [penalty_of(toy_config(**{each: STRENGTH}), 13) for each in {field, other}]
        weights, flat = training.parameters.weights, training.parameters.flat_weights
        assert training.penalty.value(weights, flat) == pytest.approx(sum(each.value(weights, flat) for each in alone))


@every_penalty
def test_it_has_unique_colors_and_its_own_captions(field):
    member = PENALTIES[field]
    others = [other for name, other in PENALTIES.items() if name != field]
    assert (member.light_colour, member.dark_colour) not in [
        (other.light_colour, other.dark_colour) for other in others
    ]
    panels = {panel for other in PENALTIES.values() for panel in other.captions}
    assert set(member.captions) == panels, "a caption for every panel with captions of penalties"
    for caption in member.captions.values():
        assert caption.sentence.endswith((".", "?"))
        assert len(caption.sentence) <= 75
        assert len(caption.clause) <= 40
    alone = PenaltySum([member.of(1.0, 1)])
    assert alone.explanations("weights") == (member.captions["weights"].sentence,)
    assert alone.caption("weights", "").lower() == f"{member.captions['weights'].clause}.".lower()


def test_without_hidden_neurons_penalties_on_them_have_no_effect():
    for field, member in PENALTIES.items():
        config = toy_config(hidden=(), **{field: STRENGTH})
        assert bool(penalty_of(config, 13)) != member.hidden_layers_only
        training = Training(config, select(config, toy_dataset()))
        training.run(2)


@every_penalty
def test_its_raced_options_are_valid_choices(field):
    member = PENALTIES[field]
    assert set(member.raced_options) <= set(member.options)
    for option, values in member.raced_options.items():
        assert set(values) <= set(SETTINGS[option].kind.choices)
        twins = race_twins(RunConfig(**{field: STRENGTH}), f"{member.name}: {' and '.join(values)}", 500)
        assert [getattr(twin.config, option) for twin in twins] == list(values)
        assert {getattr(twin.config, field) for twin in twins} == {STRENGTH}


@pytest.mark.parametrize("hidden", [(), (3,)])
@pytest.mark.parametrize("field", [*PENALTIES, *DROPOUT_OFF])
def test_a_regularizer_without_neurons_to_act_on_is_not_in_effect(field, hidden):
    config = toy_config(hidden=hidden, **{field: 0.5})
    on_hidden_only = field == "drop_probability" or (field in PENALTIES and PENALTIES[field].hidden_layers_only)
    effective = bool(hidden) or not on_hidden_only
    assert is_regularized(config) == effective
    assert (regularizer_text(config) != NO_REGULARIZATION) == effective
    assert has_dropout(config) == (effective and field in DROPOUT_OFF)
