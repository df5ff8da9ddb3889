"""λ in words: the decay of a weight, and the code for other libraries, which is run."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from dashboard.charts.panels import lmbda
from dashboard.charts.update import Row
from engine import Dataset, FieldError, Labelled, RunConfig, Training, select
from engine.runs.extracts.lmbda import LmbdaTerms
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Report

N, FEATURES, CLASSES = 60, 6, 3
PENALTIES = {
    "none": {"l2": 0.0},
    "L2": {"l2": 0.8},
    "L1": {"l2": 0.0, "l1": 0.6},
    "elastic net": {"l2": 0.8, "l1": 0.6},
}
every_penalty = pytest.mark.parametrize("penalty", PENALTIES)


def config_of(penalty: str = "L2", **changes: Any) -> RunConfig:
    values = {"train_size": None, "hidden": (5,), "mini_batch_size": 10, "learning_rate": 0.7, "label_noise": 0.0}
    return RunConfig.demo(**{**values, "drop_probability": 0.0, "dtype": "float64", **PENALTIES[penalty], **changes})


def telemetry_of(config: RunConfig, n: int = N, halvings: int = 0) -> Telemetry:
    telemetry = Telemetry()
    telemetry.add_report(Report("paused", 1, 0.0, extracts={"lmbda": LmbdaTerms(n, halvings)}))
    return telemetry


def rows(config: RunConfig, n: int = N, halvings: int = 0) -> dict[str, Row]:
    found = lmbda.update(config, telemetry_of(config, n, halvings)).rows
    assert found
    return {row.label: row for row in found}


def copied(config: RunConfig, label: str) -> str:
    return rows(config)[label].copy


def engine_update(config: RunConfig) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of the first layer before and after an update with inputs of 0, without data gradient."""
    x, labels = np.zeros((N, FEATURES), np.float32), np.arange(N) % CLASSES
    dataset = Dataset("zeros", "Zeros", Labelled(x, labels), Labelled(x, labels), None, CLASSES)
    training = Training(config, select(config, dataset))
    before = training.parameters.weights[0].copy()
    training.run(1)
    return before, training.parameters.weights[0]


# code for other libraries, run on the engine's weights with inputs of 0


@pytest.mark.dev
@every_penalty
@pytest.mark.parametrize("rule", ["subgradient", "proximal"])
def test_the_pytorch_code_decays_weights_as_the_engine_and_no_biases(penalty, rule):
    torch = pytest.importorskip("torch", reason="pip install torch to compare with it")
    config = config_of(penalty, l1_rule=rule)
    before, after = engine_update(config)
    model = torch.nn.Linear(FEATURES, 5).double()
    with torch.no_grad():
        model.weight.copy_(torch.from_numpy(before.T.copy()))
        model.bias.fill_(0.5)
    names = {"torch": torch, "model": model}
    names["optimizer"] = eval(copied(config, "PyTorch SGD"), names)
    names["loss"] = (model(torch.zeros(10, FEATURES).double()) * 0).sum()
    lasso = rows(config).get("PyTorch, L1")
    assert (lasso is not None) == bool(config.l1)
    if lasso and rule == "subgradient":
        exec(lasso.copy, names)
    names["optimizer"].zero_grad()
    names["loss"].backward()
    names["optimizer"].step()
    if lasso and rule == "proximal":
        exec(lasso.copy, names)
    np.testing.assert_allclose(model.weight.detach().numpy().T, after, rtol=1e-9, atol=1e-12)
    assert model.bias.detach().numpy().tolist() == [0.5] * 5


@pytest.mark.dev
@pytest.mark.parametrize("penalty", ["none", "L2"])
def test_the_scikit_learn_code_decays_weights_as_the_engine(penalty):
    neural_network = pytest.importorskip("sklearn.neural_network", reason="pip install scikit-learn to compare with it")
    config = config_of(penalty)
    before, after = engine_update(config)
    code = copied(config, "scikit-learn").replace("(", "(hidden_layer_sizes=(5,), ", 1)
    classifier = eval(code, {"MLPClassifier": neural_network.MLPClassifier})
    x, y = np.zeros((10, FEATURES)), np.arange(10) % CLASSES
    classifier.partial_fit(x, y, classes=range(CLASSES))
    classifier.coefs_[0][:] = before  # in place of its own initial weights
    classifier.partial_fit(x, y)
    np.testing.assert_allclose(classifier.coefs_[0], after, rtol=1e-9, atol=1e-12)
    assert (penalty == "none") == np.array_equal(before, after)


@pytest.mark.dev
@every_penalty
def test_the_keras_code_decays_weights_as_the_engine(penalty, monkeypatch):
    pytest.importorskip("torch", reason="pip install torch: Keras needs a backend")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras", reason="pip install keras to compare with it")
    config = config_of(penalty)
    before, after = engine_update(config)
    layer = eval(f"keras.layers.Dense(5, dtype='float64', {copied(config, 'Keras')})", {"keras": keras})
    model = keras.Sequential([keras.Input((FEATURES,), dtype="float64"), layer])
    layer.set_weights([before, np.zeros(5)])
    model.compile(keras.optimizers.SGD(config.learning_rate), "mean_squared_error")
    model.fit(np.zeros((10, FEATURES)), np.zeros((10, 5)), batch_size=10, epochs=1, verbose=0)
    # Keras computes losses in float32
    np.testing.assert_allclose(layer.get_weights()[0], after, rtol=1e-6, atol=1e-8)


@every_penalty
def test_the_code_for_the_program_of_the_book_decays_weights_as_the_engine(penalty):
    config = config_of(penalty)
    before, after = engine_update(config)
    code = copied(config, "network2.py")
    if config.l1:
        program = Network2([before])
        exec(code, program.names(config, eta=config.learning_rate, lmbda=config.l2))
    else:
        program = Network2([before])
        eval(code, {"net": program, "training_data": [None] * N})
    np.testing.assert_allclose(program.weights[0], after, rtol=1e-12)


class Network2:
    """The update of network2.py without data gradient."""

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.weights = weights

    def names(self, config: RunConfig, eta: float, lmbda: float) -> dict[str, Any]:
        nothing = [np.zeros_like(w) for w in self.weights]
        return {"self": self, "np": np, "n": N, "eta": eta, "lmbda": lmbda, "nabla_w": nothing, "mini_batch": [0] * 10}

    def SGD(self, training_data: list, epochs: int, mini_batch_size: int, eta: float, lmbda: float = 0.0) -> None:
        self.weights = [(1 - eta * (lmbda / len(training_data))) * w for w in self.weights]


@pytest.mark.parametrize("penalty", ["none", "L2", "L1"])
def test_a_link_to_the_playground_has_the_rate_of_the_penalty(penalty):
    config = config_of(penalty)
    fields = parse_qs(urlsplit(copied(config, "TensorFlow Playground")).fragment)
    assert fields["regularization"] == [penalty]
    assert float(fields["regularizationRate"][0]) == pytest.approx((config.l1 or config.l2) / N)
    assert float(fields["learningRate"][0]) == 0.7
    assert fields["batchSize"] == ["10"]


def test_a_missing_feature_of_another_library_is_reported_without_code():
    lasso, elastic = rows(config_of("L1")), rows(config_of("elastic net"))
    assert lasso["scikit-learn"] == Row("scikit-learn", "its MLPClassifier has no L1")
    assert "no L1" in elastic["scikit-learn"].value
    assert elastic["TensorFlow Playground"] == Row("TensorFlow Playground", "L1 or L2, never both")
    assert "has no L1" in lasso["network2.py"].value
    assert "sub-gradient" in rows(config_of("L1", l1_rule="clip"))["Keras"].value


# words


def test_the_decay_and_the_half_life_are_those_of_the_run():
    found = rows(RunConfig.demo(l2=1.0, learning_rate=0.5, mini_batch_size=10), n=500)
    assert found["L2 in one update"].value == "0.1\u202f% of a weight: ηλ/n = 0.001"
    assert found["A weight halves in"].value == "693 updates, 13.9 epochs"


def test_l1_is_described_by_its_constant_step():
    found = rows(RunConfig.demo(l2=0.0, l1=0.5, learning_rate=0.5), n=500)
    assert found["L1 in one update"].value == "0.0005 towards zero: ηλ/n"
    assert found["From 1 to 0 in"].value == "2\u202f000 updates, 40 epochs"
    assert "A weight halves in" not in found


def test_a_halved_learning_rate_is_used():
    config = RunConfig.demo(l2=1.0, learning_rate=0.5)
    assert rows(config, 500, halvings=1)["A weight halves in"].value == "1\u202f386 updates, 27.7 epochs"
    assert "lr=0.25" in rows(config, 500, halvings=1)["PyTorch SGD"].copy


@pytest.mark.parametrize(
    ("l2", "text"),
    [
        (1_000.0, "one update: it sets a weight to zero"),
        (1_400.0, "0.756 updates, 0.0151 epochs, each update flips the sign"),
    ],
)
def test_decays_of_the_whole_weight_or_more_are_described(l2, text):
    assert rows(RunConfig.demo(l2=l2, learning_rate=0.5), n=500)["A weight halves in"].value == text


def test_a_live_change_is_used_even_if_the_extract_is_older():
    telemetry = telemetry_of(RunConfig.demo(), 500)
    before, after = (lmbda.update(RunConfig.demo(l2=each), telemetry) for each in (1.0, 2.0))
    assert before.text != after.text
    assert "0.002" in after.text


@every_penalty
def test_the_sentence_for_screen_readers_contains_no_code(penalty):
    update = lmbda.update(config_of(penalty), telemetry_of(config_of(penalty)))
    assert update.text.endswith(".")
    assert not re.search("keras|torch", update.text)


def test_without_n_there_are_no_rows():
    update = lmbda.update(RunConfig.demo(), Telemetry())
    assert (update.rows, update.text) == ([], "")


def test_every_valid_config_has_rows():
    for l2 in (0.0, 1e-30, 1e-6, 1.0):
        for l1 in (0.0, 1e-30, 3.0):
            for rule in ("subgradient", "clip", "proximal"):
                assert all(row.value for row in rows(RunConfig.demo(l2=l2, l1=l1, l1_rule=rule)).values())
    with pytest.raises(FieldError):
        RunConfig.demo(l2=-1.0)
