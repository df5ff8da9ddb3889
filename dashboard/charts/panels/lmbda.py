"""λ in words: what it does to a weight, and the same setting in other libraries, to be copied."""

from __future__ import annotations

import math

from dashboard.charts import numbers
from dashboard.charts.update import Row, Update
from engine import RunConfig
from engine.analysis import units
from engine.runs.extracts.lmbda import Terms
from engine.runs.history.telemetry import Telemetry

WEAKEST = 1e-3  # of the rates in TensorFlow Playground's list; 0 apart
WEIGHTS = "for W in model.parameters() if W.ndim > 1"  # of a PyTorch model: biases have one dimension


def look(config: RunConfig) -> str:
    return "What λ takes from a weight in an update, and what others call the same."


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    terms: Terms | None = telemetry.views.get("lmbda")
    if terms is None:
        return Update([], rows=[])
    rate = config.learning_rate * 0.5**terms.halvings
    meaning = rows_of_meaning(config, rate, terms.n)
    text = "; ".join(f"{row.label}: {row.value}" for row in meaning)
    return Update([], text=f"{text}.", rows=[*meaning, *rows_of_others(config, rate, terms.n)])


def rows_of_meaning(config: RunConfig, rate: float, n: int) -> list[Row]:
    """What the penalty does in an update, and how long it takes; `rate` is η as it is now."""
    rows = []
    if config.l2:
        taken = units.decay_per_update(rate, config.l2, n)
        rows.append(Row("L2 in one update", f"{_share(taken)} of a weight: ηλ/n = {_short(taken)}"))
        rows.append(Row("A weight halves in", _half_life(config, rate, n)))
    if config.l1:
        step = units.decay_per_update(rate, config.l1, n)
        rows.append(Row("L1 in one update", f"{_short(step)} towards zero: ηλ/n"))
        updates = units.updates_to_zero(rate, config.l1, n)
        rows.append(Row("From 1 to 0 in", _duration(config, updates, n)))
    return rows or [Row("No penalty", "a weight without a gradient stays as it is")]


def rows_of_others(config: RunConfig, rate: float, n: int) -> list[Row]:
    """The same decay per update in other people's units, each with what to paste."""
    return [
        _network2(config, rate),
        _keras(config, n),
        *_pytorch(config, rate, n),
        _sklearn(config, rate, n),
        _playground(config, rate, n),
    ]


def _half_life(config: RunConfig, rate: float, n: int) -> str:
    taken = units.decay_per_update(rate, config.l2, n)
    if taken == 1:
        return "one update: it takes all of it"
    said = _duration(config, units.half_life(rate, config.l2, n), n)
    return said + (", with another sign after each" if taken > 1 else "")


def _duration(config: RunConfig, updates: float, n: int) -> str:
    if math.isinf(updates):
        return "never: ∞"
    epochs = units.epochs(updates, n, config.mini_batch_size)
    return f"{_count(updates)} updates, {_count(epochs)} epochs"


def _network2(config: RunConfig, rate: float) -> Row:
    if not config.l1:
        call = f"net.SGD(training_data, {config.epochs}, {config.mini_batch_size}, {_exact(rate)}"
        return Row("network2.py", f"lmbda={_short(config.l2)}", f"{call}, lmbda={_exact(config.l2)})")
    kept = f"(1-eta*({_exact(config.l2)}/n))*w" if config.l2 else "w"
    new = f"{kept}-eta*({_exact(config.l1)}/n)*np.sign(w)-(eta/len(mini_batch))*nw"
    line = f"self.weights = [{new} for w, nw in zip(self.weights, nabla_w)]"
    return Row("network2.py", f"has no L1: this line in update_mini_batch{_plain_rule(config)}", line)


def _keras(config: RunConfig, n: int) -> Row:
    l1, l2 = units.keras_l1(config.l1, n), units.keras_l2(config.l2, n)
    if config.l1 and config.l2:
        said, code = f"L1L2({_short(l1)}, {_short(l2)})", f"L1L2(l1={_exact(l1)}, l2={_exact(l2)})"
    elif config.l1 or config.l2:
        name, value = ("L1", l1) if config.l1 else ("L2", l2)
        said, code = f"{name}({_short(value)})", f"{name}({_exact(value)})"
    else:
        return Row("Keras", "no regularizer", "kernel_regularizer=None")
    return Row("Keras", said + _plain_rule(config), f"kernel_regularizer=keras.regularizers.{code}")


def _pytorch(config: RunConfig, rate: float, n: int) -> list[Row]:
    decay = units.pytorch_weight_decay(config.l2, n)
    optimizer = f"torch.optim.SGD(model.parameters(), lr={_exact(rate)})"
    if config.l2:  # biases in a group of their own: it would decay them too
        optimizer = (
            f'torch.optim.SGD([{{"params": [W {WEIGHTS}], "weight_decay": {_exact(decay)}}}, '
            f'{{"params": [b for b in model.parameters() if b.ndim == 1]}}], lr={_exact(rate)})'
        )
    said = f"weight_decay={_short(decay)}, biases apart" if config.l2 else "weight_decay=0"
    rows = [Row("PyTorch SGD", said, optimizer)]
    if config.l1 and config.l1_rule == "proximal":
        threshold = units.decay_per_update(rate, config.l1, n)
        code = f"with torch.no_grad():\n    for W in [W {WEIGHTS}]:\n"
        code += f"        W.copy_(torch.nn.functional.softshrink(W, {_exact(threshold)}))"
        rows.append(Row("PyTorch, L1", "SGD has none: after each step of it", code))
    elif config.l1:
        factor = _exact(units.pytorch_l1(config.l1, n))
        code = f"loss = loss + {factor} * sum(W.abs().sum() {WEIGHTS})"
        rows.append(Row("PyTorch, L1", f"SGD has none: add λ/n·Σ|w| to the loss{_plain_rule(config)}", code))
    return rows


def _sklearn(config: RunConfig, rate: float, n: int) -> Row:
    alpha = units.sklearn_alpha(config.l2, n, config.mini_batch_size)
    if config.l1 and not config.l2:
        return Row("scikit-learn", "its MLPClassifier has no L1")
    code = f'MLPClassifier(solver="sgd", momentum=0, learning_rate_init={_exact(rate)}'
    code += f", batch_size={config.mini_batch_size}, alpha={_exact(alpha)})"
    return Row("scikit-learn", f"alpha={_short(alpha)}" + (" for L2; it has no L1" if config.l1 else ""), code)


def _playground(config: RunConfig, rate: float, n: int) -> Row:
    label = "TensorFlow Playground"
    if config.l1 and config.l2:
        return Row(label, "L1 or L2, never both")
    name = "L1" if config.l1 else "L2"
    value = units.playground_rate(config.l1 or config.l2, n)
    said = f"rate {_short(value)}"
    if not value:
        name = "none"
    elif value < WEAKEST:
        said += f": its list begins at {WEAKEST:g}, a link may go below"
    link = f"https://playground.tensorflow.org/#regularization={name}&regularizationRate={_exact(value)}"
    return Row(label, said, f"{link}&learningRate={_exact(rate)}&batchSize={config.mini_batch_size}")


def _plain_rule(config: RunConfig) -> str:
    return "" if config.l1_rule == "subgradient" else "; the plain sub-gradient"


def _exact(value: float) -> str:
    """As code: all the digits that a person would have typed."""
    return f"{value:.12g}"


def _short(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _share(share: float) -> str:
    return f"{100 * share:.3g}{numbers.THIN}%".replace("-", "−")


def _count(value: float) -> str:
    return numbers.count(value) if value >= 100 else f"{value:.3g}".replace("-", "−")
