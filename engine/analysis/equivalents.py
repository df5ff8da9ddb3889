"""The settings of other libraries that give the same step per update, as code to copy.

Each penalty defines its own equivalents (`engine.families.penalties`). This module joins those of all penalties of a
run into one setting for each library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.errors import join_names
from engine.families.penalties.penalty import Penalty, lowercase_unless_acronym, number_as_code
from engine.families.penalties.sum import PenaltySum
from engine.learning.schedule import steps_per_epoch

MIN_LISTED_RATE = 1e-3  # the smallest rate above 0 in TensorFlow Playground's list
MATRICES = "for W in model.parameters() if W.ndim > 1"  # of a PyTorch model: biases have one dimension


@dataclass(frozen=True)
class StepTerms:
    """The quantities besides λ that determine the step of a penalty.

    Attributes:
        learning_rate: η in force. n: training examples in use.
        mini_batch_size: m. epochs: of the run.
    """

    learning_rate: float
    n: int
    mini_batch_size: int
    epochs: int


@dataclass(frozen=True)
class Equivalent:
    """A setting of another library.

    Attributes:
        library: its name. setting: the setting in short, or what the library lacks.
        code: code to copy; "" if the library has no equivalent.
    """

    library: str
    setting: str
    code: str = ""


def equivalents(penalties: PenaltySum, terms: StepTerms) -> list[Equivalent]:
    """Return the settings of other libraries with the same step per update."""
    return [
        _network2(penalties, terms),
        _keras(penalties),
        *_pytorch(penalties, terms),
        _sklearn(penalties, terms),
        _playground(penalties, terms),
    ]


def epochs_of(updates: float, n: int, mini_batch_size: int) -> float:
    """Return a number of updates in epochs of ⌈n/m⌉ updates each."""
    return updates / steps_per_epoch(n, mini_batch_size)


def _network2(penalties: PenaltySum, terms: StepTerms) -> Equivalent:
    library, members = "network2.py", penalties.members
    lmbdas = [member.network2_lmbda() for member in members]
    if not members or (len(members) == 1 and lmbdas[0] is not None):
        lmbda = sum(lmbda for lmbda in lmbdas if lmbda is not None)
        call = f"net.SGD(training_data, {terms.epochs}, {terms.mini_batch_size}, {number_as_code(terms.learning_rate)}"
        return Equivalent(library, f"lmbda={four_digits(lmbda)}", f"{call}, lmbda={number_as_code(lmbda)})")
    code_pairs = [member.network2_terms() for member in members]
    if missing := _members_without(members, code_pairs):
        return Equivalent(library, _lacking(missing))
    factors = "".join(f"{piece[0]}*" for piece in code_pairs if piece and piece[0])
    summands = "".join(piece[1] for piece in code_pairs if piece)
    line = f"self.weights = [{factors}w{summands}-(eta/len(mini_batch))*nw for w, nw in zip(self.weights, nabla_w)]"
    limitation = _lacking(_members_without(members, lmbdas)) if None in lmbdas else "has one λ for all"
    return Equivalent(library, f"{limitation}: this line in update_mini_batch{_rule_note(penalties)}", line)


def _keras(penalties: PenaltySum) -> Equivalent:
    library = "Keras"
    arguments: dict[str, float] = {}
    constraints, missing = [], []
    for member in penalties.members:
        regularizer, constraint = member.keras_arguments(), member.keras_constraint()
        arguments |= regularizer or {}
        constraints += [constraint] if constraint else []
        missing += [member] if regularizer is None and not constraint else []
    if missing:
        return Equivalent(library, _lacking(missing))
    if len(arguments) > 1:
        ordered = sorted(arguments.items())
        setting = f"L1L2({', '.join(four_digits(value) for _, value in ordered)})"
        code = f"L1L2({', '.join(f'{name}={number_as_code(value)}' for name, value in ordered)})"
    elif arguments:
        ((name, value),) = arguments.items()
        setting, code = f"{name.upper()}({four_digits(value)})", f"{name.upper()}({number_as_code(value)})"
    else:
        setting, code = "no regularizer", ""
    codes = [f"kernel_regularizer={f'keras.regularizers.{code}' if code else None}"]
    codes += [f"kernel_constraint={constraint}" for constraint in constraints]
    settings = [setting, *(constraint.removeprefix("keras.constraints.") for constraint in constraints)]
    return Equivalent(library, ", ".join(settings) + _rule_note(penalties), ", ".join(codes))


def _pytorch(penalties: PenaltySum, terms: StepTerms) -> list[Equivalent]:
    decay = sum(member.pytorch_decay() for member in penalties.members)
    rate = number_as_code(terms.learning_rate)
    optimizer = f"torch.optim.SGD(model.parameters(), lr={rate})"
    if decay:  # weight_decay applies to every parameter of a group, so biases need a group without it
        optimizer = (
            f'torch.optim.SGD([{{"params": [W {MATRICES}], "weight_decay": {number_as_code(decay)}}}, '
            f'{{"params": [b for b in model.parameters() if b.ndim == 1]}}], lr={rate})'
        )
    setting = f"weight_decay={four_digits(decay)}, biases apart" if decay else "weight_decay=0"
    settings = [Equivalent("PyTorch SGD", setting, optimizer)]
    for member in penalties.members:
        library = f"PyTorch, {member.name}"
        if loss := member.pytorch_loss():
            formula, code = loss
            setting = f"SGD has none: add {formula} to the loss{member.rule_note}"
            settings.append(Equivalent(library, setting, f"loss = loss + {code}"))
        elif statement := member.pytorch_step(terms.learning_rate):
            matrices = f"[W {MATRICES}]" + ("[:-1]" if member.hidden_layers_only else "")
            code = f"with torch.no_grad():\n    for W in {matrices}:\n        {statement}"
            settings.append(Equivalent(library, "SGD has none: after each step of it", code))
    return settings


def _sklearn(penalties: PenaltySum, terms: StepTerms) -> Equivalent:
    library, members = "scikit-learn", penalties.members
    alphas = [member.sklearn_alpha(terms.mini_batch_size) for member in members]
    missing = _members_without(members, alphas)
    if missing and len(missing) == len(members):
        return Equivalent(library, f"its MLPClassifier {_lacking(missing)}")
    alpha = sum(alpha for alpha in alphas if alpha is not None)
    code = f'MLPClassifier(solver="sgd", momentum=0, learning_rate_init={number_as_code(terms.learning_rate)}'
    code += f", batch_size={terms.mini_batch_size}, alpha={number_as_code(alpha)})"
    setting = f"alpha={four_digits(alpha)}"
    if missing:
        setting += (
            f" for {_join_penalty_names(member for member in members if member not in missing)}; it {_lacking(missing)}"
        )
    return Equivalent(library, setting, code)


def _playground(penalties: PenaltySum, terms: StepTerms) -> Equivalent:
    library, members = "TensorFlow Playground", penalties.members
    pairs = [member.playground_setting() for member in members]
    if missing := _members_without(members, pairs):
        return Equivalent(library, _lacking(missing))
    names = [pair[0] for pair in pairs if pair]
    if len(names) > 1:
        ending = "both" if len(names) == 2 else "together"
        return Equivalent(library, f"{join_names(sorted(names))}, never {ending}")
    name, rate = pairs[0] if pairs and pairs[0] else ("none", 0.0)
    setting = f"rate {four_digits(rate)}"
    if not rate:
        name = "none"
    elif rate < MIN_LISTED_RATE:
        setting += f": its list begins at {MIN_LISTED_RATE:g}, a link may go below"
    link = f"https://playground.tensorflow.org/#regularization={name}&regularizationRate={number_as_code(rate)}"
    return Equivalent(
        library, setting, f"{link}&learningRate={number_as_code(terms.learning_rate)}&batchSize={terms.mini_batch_size}"
    )


def four_digits(value: float) -> str:
    """Return a number with four significant digits and a true minus sign."""
    return f"{value:.4g}".replace("-", "−")


def _members_without(members: Iterable[Penalty], values: Iterable[object]) -> list[Penalty]:
    """Return the members whose value is None."""
    return [member for member, value in zip(members, values, strict=True) if value is None]


def _rule_note(penalties: PenaltySum) -> str:
    return next((member.rule_note for member in penalties.members if member.rule_note), "")


def _lacking(missing: Iterable[Penalty]) -> str:
    """Return which penalties a library lacks: "has no L1", "has neither L1 nor max-norm"."""
    names = [lowercase_unless_acronym(member.name) for member in missing]
    return f"has neither {names[0]} nor {names[1]}" if len(names) == 2 else f"has no {join_names(names)}"


def _join_penalty_names(members: Iterable[Penalty]) -> str:
    return join_names([lowercase_unless_acronym(member.name) for member in members], "and")
