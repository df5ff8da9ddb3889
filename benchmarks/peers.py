"""Other libraries with the same task, used as their documentation recommends.

They are in the extra `peers`. A library that is not installed raises ImportError and is left out.
All libraries train a sigmoid network on mini-batches in random order with plain SGD, in float32.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from benchmarks.cases import EXAMPLES, LAMBDA, LEARNING_RATE, Case
from benchmarks.contenders import RunBatches
from engine.data.dataset import Dataset

# one thread; JAX reads the variable when it is imported, and the last flag is used
ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {ONE_THREAD}".strip()


def scikit_learn(case: Case, data: Dataset) -> RunBatches | None:
    """Return a function that trains with `MLPClassifier.partial_fit`; None with dropout."""
    from sklearn.neural_network import MLPClassifier

    if case.dropout:
        return None
    model = MLPClassifier(
        case.hidden,
        activation="logistic",
        solver="sgd",
        alpha=LAMBDA * case.batch / EXAMPLES,
        batch_size=case.batch,
        learning_rate_init=LEARNING_RATE,
        momentum=0.0,
    )
    x, labels = data.training.x, data.training.labels
    classes = np.arange(data.classes)

    def run(k: int) -> None:
        examples = k * case.batch
        while examples > 0:
            count = min(examples, len(x))
            model.partial_fit(x[:count], labels[:count], classes=classes)
            examples -= count

    return run


def pytorch(case: Case, data: Dataset) -> RunBatches:
    """Return a function that trains with eager PyTorch and fused SGD, its fastest variant here."""
    import torch

    torch.set_num_threads(1)
    layers: list[Any] = []
    for n_in, n_out in zip(case.sizes[:-2], case.sizes[1:-1], strict=True):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.Sigmoid()]
        if case.dropout:
            layers.append(torch.nn.Dropout(0.5))
    model = torch.nn.Sequential(*layers, torch.nn.Linear(*case.sizes[-2:]))
    decay = 0.0 if case.dropout else LAMBDA / EXAMPLES
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, weight_decay=decay, fused=True)
    loss = torch.nn.BCEWithLogitsLoss(reduction="sum")
    x = torch.from_numpy(data.training.x)
    y = torch.nn.functional.one_hot(torch.from_numpy(data.training.labels), data.classes).float()
    m, per_epoch = case.batch, len(x) // case.batch

    def run(k: int) -> None:
        while k > 0:
            order = torch.randperm(len(x))
            for step in range(min(k, per_epoch)):
                rows = order[step * m : (step + 1) * m]
                optimizer.zero_grad(set_to_none=True)
                cost = loss(model(x[rows]), y[rows]) / m
                cost.backward()
                optimizer.step()
            k -= per_epoch

    return run


def jax_step(case: Case, data: Dataset) -> RunBatches:
    """Return a function that calls one jitted JAX update per mini-batch."""
    import jax

    update, state, x, y = _jax_update(case, data)
    step = jax.jit(update, donate_argnums=0)
    m, per_epoch = case.batch, len(x) // case.batch
    rng = np.random.default_rng(0)

    def run(k: int) -> None:
        nonlocal state
        while k > 0:
            order = rng.permutation(len(x))
            for i in range(min(k, per_epoch)):
                state = step(state, x, y, order[i * m : (i + 1) * m])
            k -= per_epoch
        jax.block_until_ready(state)

    return run


STEPS_PER_SCAN = 20  # mini-batches in one call of the compiled loop


def jax_scan(case: Case, data: Dataset) -> RunBatches:
    """Return a function that trains with JAX in compiled loops of updates (`lax.scan`)."""
    import jax

    update, state, x, y = _jax_update(case, data)

    def scan_steps(state: Any, x: Any, y: Any, orders: Any) -> Any:
        return jax.lax.scan(lambda state, rows: (update(state, x, y, rows), None), state, orders)[0]

    compiled_scan = jax.jit(scan_steps, donate_argnums=0)
    rng = np.random.default_rng(0)
    per_epoch = len(x) // (STEPS_PER_SCAN * case.batch)

    def run(k: int) -> None:
        nonlocal state
        for i in range(max(1, round(k / STEPS_PER_SCAN))):
            if i % per_epoch == 0:
                orders = rng.permutation(len(x))[: per_epoch * STEPS_PER_SCAN * case.batch].reshape(
                    per_epoch, STEPS_PER_SCAN, -1
                )
            state = compiled_scan(state, x, y, orders[i % per_epoch])
        jax.block_until_ready(state)

    run.batches_per_call = STEPS_PER_SCAN  # type: ignore[attr-defined]
    return run


def _jax_update(case: Case, data: Dataset) -> tuple[Any, Any, Any, Any]:
    """Return the update as a pure function, its initial state, and the data as JAX arrays."""
    import jax
    from jax import numpy as jnp

    m, decay = case.batch, 0.0 if case.dropout else LEARNING_RATE * LAMBDA / EXAMPLES
    rng = np.random.default_rng(0)
    parameters = [
        (jnp.asarray(rng.standard_normal((a, b), dtype=np.float32) / np.float32(a) ** 0.5), jnp.zeros(b, jnp.float32))
        for a, b in zip(case.sizes[:-1], case.sizes[1:], strict=True)
    ]

    def cost(parameters: Any, x: Any, y: Any, key: Any) -> Any:
        a = x
        for layer, (W, b) in enumerate(parameters[:-1]):
            a = jax.nn.sigmoid(a @ W + b)
            if case.dropout:  # one mask per mini-batch, as in the chapter
                a = a * jax.random.bernoulli(jax.random.fold_in(key, layer), 0.5, (1, a.shape[1]))
        W, b = parameters[-1]
        z = a @ W + b
        return jnp.sum(jax.nn.softplus(z) - y * z) / m

    def update(state: Any, x: Any, y: Any, rows: Any) -> Any:
        parameters, key = state
        key, mask_key = jax.random.split(key) if case.dropout else (key, key)
        gradients = jax.grad(cost)(parameters, x[rows], y[rows], mask_key)
        new = [
            ((1 - decay) * W - LEARNING_RATE * dW, b - LEARNING_RATE * db)
            for (W, b), (dW, db) in zip(parameters, gradients, strict=True)
        ]
        return new, key

    x = jnp.asarray(data.training.x)
    y = jax.nn.one_hot(jnp.asarray(data.training.labels), data.classes)
    return update, (parameters, jax.random.key(0)), x, y


PEERS = {
    "scikit-learn": scikit_learn,
    "PyTorch, eager": pytorch,
    "JAX, a jitted step": jax_step,
    "JAX, a jitted loop": jax_scan,
}
