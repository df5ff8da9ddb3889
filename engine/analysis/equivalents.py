"""The same decay per update in other libraries, as code to copy.

What a penalty is called elsewhere is answered by the penalty (`engine.families.penalties`); here the
answers of all penalties of a run are put together into one line for each library.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.families.penalties.penalty import Penalty, exact
from engine.families.penalties.sum import Sum

WEAKEST_RATE = 1e-3  # of the rates in TensorFlow Playground's list; 0 apart
MATRICES = "for W in model.parameters() if W.ndim > 1"  # of a PyTorch model: biases have one dimension


@dataclass(frozen=True)
class Terms:
    """What else decides the decay.

    Attributes:
        learning_rate: η as it is now. n: training examples in use.
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
        library: its name. setting: the setting in short. code: what to copy; "" where there is nothing.
    """

    library: str
    setting: str
    code: str = ""


def equivalents(penalties: Sum, terms: Terms) -> list[Equivalent]:
    """Return the settings of other libraries with the same decay per update."""
    return [
        _network2(penalties, terms),
        _keras(penalties),
        *_pytorch(penalties, terms),
        _sklearn(penalties, terms),
        _playground(penalties, terms),
    ]


def epochs_of(updates: float, n: int, mini_batch_size: int) -> float:
    """Return updates as epochs of ⌈n/m⌉ updates each."""
    return updates / -(-n // mini_batch_size)


def _network2(penalties: Sum, terms: Terms) -> Equivalent:
    library, charged = "network2.py", _charged(penalties)
    pieces = [member.network2() for member in charged]
    if missing := [member.name for member, piece in zip(charged, pieces, strict=True) if piece is None]:
        return Equivalent(library, f"has no {_listed(missing)}")
    kept = "".join(piece[0] + "*" for piece in pieces if piece and piece[0])
    pushed = "".join(piece[1] for piece in pieces if piece)
    if pushed:
        line = f"self.weights = [{kept}w{pushed}-(eta/len(mini_batch))*nw for w, nw in zip(self.weights, nabla_w)]"
        names = _listed([member.name for member, piece in zip(charged, pieces, strict=True) if piece and piece[1]])
        return Equivalent(library, f"has no {names}: this line in update_mini_batch{_rule(penalties)}", line)
    lmbda = charged[0].strength if charged else 0.0
    call = f"net.SGD(training_data, {terms.epochs}, {terms.mini_batch_size}, {exact(terms.learning_rate)}"
    return Equivalent(library, f"lmbda={short(lmbda)}", f"{call}, lmbda={exact(lmbda)})")


def _keras(penalties: Sum) -> Equivalent:
    library = "Keras"
    arguments: dict[str, float] = {}
    constraints, missing = [], []
    for member in penalties.members:
        found, constraint = member.keras(), member.keras_constraint()
        arguments |= found or {}
        constraints += [constraint] if constraint else []
        missing += [member.name] if found is None and not constraint else []
    if missing:
        return Equivalent(library, f"has no {_listed(missing)}")
    if len(arguments) > 1:
        ordered = sorted(arguments.items())
        said = f"L1L2({', '.join(short(value) for _, value in ordered)})"
        code = f"L1L2({', '.join(f'{name}={exact(value)}' for name, value in ordered)})"
    elif arguments:
        ((name, value),) = arguments.items()
        said, code = f"{name.upper()}({short(value)})", f"{name.upper()}({exact(value)})"
    else:
        said, code = "no regularizer", ""
    settings = [f"kernel_regularizer={f'keras.regularizers.{code}' if code else None}"]
    settings += [f"kernel_constraint={constraint}" for constraint in constraints]
    words = [said, *(constraint.removeprefix("keras.constraints.") for constraint in constraints)]
    return Equivalent(library, ", ".join(words) + _rule(penalties), ", ".join(settings))


def _pytorch(penalties: Sum, terms: Terms) -> list[Equivalent]:
    decay = sum(member.pytorch_decay() for member in penalties.members)
    rate = exact(terms.learning_rate)
    optimizer = f"torch.optim.SGD(model.parameters(), lr={rate})"
    if decay:  # biases in a group of their own: it would decay them, too
        optimizer = (
            f'torch.optim.SGD([{{"params": [W {MATRICES}], "weight_decay": {exact(decay)}}}, '
            f'{{"params": [b for b in model.parameters() if b.ndim == 1]}}], lr={rate})'
        )
    said = f"weight_decay={short(decay)}, biases apart" if decay else "weight_decay=0"
    found = [Equivalent("PyTorch SGD", said, optimizer)]
    for member in penalties.members:
        library = f"PyTorch, {member.name}"
        if loss := member.pytorch_loss():
            formula, code = loss
            said = f"SGD has none: add {formula} to the loss{member.rule_note}"
            found.append(Equivalent(library, said, f"loss = loss + {code}"))
        elif statement := member.pytorch_after(terms.learning_rate):
            matrices = f"[W {MATRICES}]" + ("[:-1]" if member.hidden_only else "")
            code = f"with torch.no_grad():\n    for W in {matrices}:\n        {statement}"
            found.append(Equivalent(library, "SGD has none: after each step of it", code))
    return found


def _sklearn(penalties: Sum, terms: Terms) -> Equivalent:
    library, charged = "scikit-learn", _charged(penalties)
    alphas = [member.sklearn_alpha(terms.mini_batch_size) for member in charged]
    missing = [member.name for member, alpha in zip(charged, alphas, strict=True) if alpha is None]
    if missing and len(missing) == len(charged):
        return Equivalent(library, f"its MLPClassifier has no {_listed(missing)}")
    alpha = sum(alpha for alpha in alphas if alpha is not None)
    code = f'MLPClassifier(solver="sgd", momentum=0, learning_rate_init={exact(terms.learning_rate)}'
    code += f", batch_size={terms.mini_batch_size}, alpha={exact(alpha)})"
    note = f" for {_listed([member.name for member in charged if member.name not in missing])}; " if missing else ""
    return Equivalent(library, f"alpha={short(alpha)}{note}{f'it has no {_listed(missing)}' if missing else ''}", code)


def _playground(penalties: Sum, terms: Terms) -> Equivalent:
    library, charged = "TensorFlow Playground", _charged(penalties)
    found = [member.playground() for member in charged]
    if len(found) > 1:
        return Equivalent(library, "L1 or L2, never both" if all(found) else "one of L1 and L2, and nothing else")
    if found and found[0] is None:
        return Equivalent(library, f"has no {charged[0].name}")
    name, rate = (found[0] if found else None) or ("none", 0.0)
    said = f"rate {short(rate)}"
    if not rate:
        name = "none"
    elif rate < WEAKEST_RATE:
        said += f": its list begins at {WEAKEST_RATE:g}, a link may go below"
    link = f"https://playground.tensorflow.org/#regularization={name}&regularizationRate={exact(rate)}"
    return Equivalent(
        library, said, f"{link}&learningRate={exact(terms.learning_rate)}&batchSize={terms.mini_batch_size}"
    )


def short(value: float) -> str:
    """Return a number with four significant digits and a true minus sign."""
    return f"{value:.4g}".replace("-", "−")


def _charged(penalties: Sum) -> list[Penalty]:
    return [member for member in penalties.members if member.charges]


def _rule(penalties: Sum) -> str:
    return next((member.rule_note for member in penalties.members if member.rule_note), "")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
