"""λ in other units: as a half-life, and as other libraries ask for it, with the same decay per update.

n is the number of training examples in use, m the size of a mini-batch, η the learning rate.
Everybody's update takes some constant times w (L2) or sgn w (L1) from a weight; ours takes
ηλ/n of it. What differs is by what the others have divided their λ beforehand.
"""

from __future__ import annotations

import math

LN2 = math.log(2)


def decay_per_update(learning_rate: float, lmbda: float, n: int) -> float:
    """ηλ/n: the share of a weight that an update of L2 takes, and the length of L1's step.

    Source: Nielsen, chapter 3, w → (1 − ηλ/n) w − …; for L1 w → w − (ηλ/n) sgn(w) − ….
    """
    return learning_rate * lmbda / n


def half_life(learning_rate: float, lmbda: float, n: int) -> float:
    """Updates after which L2 alone leaves half of a weight's magnitude: ln 2 / −ln |1 − ηλ/n|.

    For small ηλ/n that is ln 2 · n/(ηλ) updates, or ln 2 · m/(ηλ) epochs. It is ∞ without decay and 0
    where one update takes everything (ηλ/n = 1). Between 1 and 2 the weight also changes its sign with every
    update; from 2 on it does not shrink: ∞.
    """
    taken = decay_per_update(learning_rate, lmbda, n)
    if taken <= 0 or taken >= 2:
        return math.inf
    if taken == 1:
        return 0.0
    # log1p: 1 − 1e-17 would be 1
    return LN2 / -(math.log1p(-taken) if taken < 1 else math.log(taken - 1))


def updates_to_zero(learning_rate: float, lmbda: float, n: int, w: float = 1.0) -> float:
    """Updates in which L1 alone brings a weight from `w` to zero: |w| · n/(ηλ); ∞ without L1."""
    step = decay_per_update(learning_rate, lmbda, n)
    return abs(w) / step if step else math.inf


def epochs(updates: float, n: int, mini_batch_size: int) -> float:
    """Updates as epochs of ⌈n/m⌉ updates each."""
    return updates / -(-n // mini_batch_size)


def keras_l2(lmbda: float, n: int) -> float:
    """x of `keras.regularizers.L2(x)`: λ/(2n).

    Keras adds x Σ w² to a loss that is a mean over the mini-batch; its gradient is 2xw.
    Source: keras.io/api/layers/regularizers.
    """
    return lmbda / (2 * n)


def keras_l1(lmbda: float, n: int) -> float:
    """x of `keras.regularizers.L1(x)`: λ/n. Keras adds x Σ |w|. Source: keras.io/api/layers/regularizers."""
    return lmbda / n


def pytorch_weight_decay(lmbda: float, n: int) -> float:
    """`weight_decay` of `torch.optim.SGD`: λ/n.

    SGD adds weight_decay · w to the gradient of a mean over the mini-batch, for every parameter of the
    group: biases too, unless they are in a group of their own. Source: docs of torch.optim.SGD.
    """
    return lmbda / n


def pytorch_l1(lmbda: float, n: int) -> float:
    """The factor of Σ |w| to be added to a PyTorch loss, whose SGD has no L1: λ/n."""
    return lmbda / n


def sklearn_alpha(lmbda: float, n: int, mini_batch_size: int) -> float:
    """`alpha` of scikit-learn's `MLPClassifier` with solver "sgd": λm/n.

    It adds (alpha/2) Σ w² to a *sum* over the mini-batch and divides both by the mini-batch's length,
    so that a short last one decays more. Source: sklearn/neural_network/_multilayer_perceptron.py.
    """
    return lmbda * mini_batch_size / n


def playground_rate(lmbda: float, n: int) -> float:
    """TensorFlow Playground's "regularization rate": λ/n, for L2 and for L1.

    It takes (learning rate · rate) · w, or · sgn w, from a weight after the mini-batch's mean gradient. Its L1 stops at
    zero and leaves the weight dead. Source: github.com/tensorflow/playground, src/nn.ts.
    """
    return lmbda / n
