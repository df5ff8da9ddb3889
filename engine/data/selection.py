"""The data of a run: training examples, scaled and with noise, and the evaluation set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.data.checks import check_against_data
from engine.data.dataset import Dataset, Labelled
from engine.data.expansion import SHIFTS, with_shifted_copies
from engine.data.scaling import Scaling
from engine.errors import FieldError, check_type
from engine.randomness import Stream, generator


@dataclass(frozen=True)
class RunData:
    """The training examples and the evaluation set of one run.

    Attributes:
        dataset: the data set that they come from.
        x: the training inputs (n, features), of the run's dtype.
        y: their targets, one-hot (n, classes), of the run's dtype, with corrupted labels.
        labels: the labels of y (n,).
        clean_labels: the labels before corruption (n,).
        corrupted: True where a label was replaced (n,).
        evaluation: the evaluation set. evaluation_name: "validation" or "test".
        scaling: the scaling of all inputs; None if they are not standardized.
    """

    dataset: Dataset
    x: Array
    y: Array
    labels: Array
    clean_labels: Array
    corrupted: Array
    evaluation: Labelled
    evaluation_name: str
    scaling: Scaling | None = None

    @property
    def n(self) -> int:
        return len(self.labels)

    @cached_property
    def always_zero(self) -> Array:
        """True for every input that is 0 in all training examples (features,): its weights have no data gradient."""
        return np.logical_not(self.x.any(axis=0))


def select(config: RunConfig, dataset: Dataset) -> RunData:
    """Select the training examples and the evaluation set of a run.

    The training examples are the first `train_size` ones; a share `label_noise` of their labels is corrupted. If
    `dataset.standardize` is set, their features and those of the evaluation set are standardized by the training
    examples. Then `pixel_noise` is added to the training inputs only. With `expand` the shifted noisy images are
    appended, and n is five times as large.

    Raises:
        FieldError: see `check_example_selection`.
    """
    n = check_example_selection(config, dataset)
    evaluation = dataset.test if config.evaluate_on == "test" else _examples_from(pool_size(config, dataset), dataset)
    assert evaluation is not None
    dtype = np.dtype(config.dtype)
    training = _first_examples(n, dataset)
    scaling = Scaling.of(training.x) if dataset.standardize else None
    x, evaluation_x = (
        scaling.apply(part.x, dtype) if scaling else part.x.astype(dtype, copy=False) for part in (training, evaluation)
    )
    x = add_noise(x, config.pixel_noise, config.seed, clip=dataset.image_shape is not None)
    clean_labels = training.labels
    labels, corrupted = corrupt_labels(clean_labels, dataset.classes, config.label_noise, config.seed)
    if config.expand and dataset.image_shape is not None:  # after corruption: a shifted image keeps its label
        x = with_shifted_copies(x, dataset.image_shape)
        labels, clean_labels, corrupted = (np.tile(part, 1 + len(SHIFTS)) for part in (labels, clean_labels, corrupted))
    return RunData(
        dataset=dataset,
        x=x,
        y=one_hot(labels, dataset.classes, dtype),
        labels=labels,
        clean_labels=clean_labels,
        corrupted=corrupted,
        evaluation=Labelled(evaluation_x, evaluation.labels),
        evaluation_name=config.evaluate_on,
        scaling=scaling,
    )


def check_example_selection(config: RunConfig, dataset: Dataset) -> int:
    """Check a config against its data set and return the number of training examples, without shifted copies.

    Fast: no examples are copied.

    Raises:
        FieldError: when the data set has fewer examples, no images to shift or no test part, and as
            `check_against_data`.
    """
    check_type("config", config, RunConfig)
    check_type("dataset", dataset, Dataset)
    pool = pool_size(config, dataset)
    n = pool if config.train_size is None else config.train_size
    if n > pool:
        limit_text, way_out = f"all of {dataset.name}", "use fewer examples"
        if config.validation_share is not None:
            limit_text = f"the rest of {dataset.name} with a validation share of {config.validation_share:g}"
            way_out += " or a smaller validation_share"
        raise FieldError("train_size", f"must be at most {pool}, {limit_text}, got {n}: {way_out}")
    if config.expand and dataset.image_shape is None:
        raise FieldError("expand", f"must be False for {dataset.name}: only images can be shifted by a pixel")
    check_against_data(config, n * (1 + len(SHIFTS)) if config.expand else n)
    if config.evaluate_on == "test" and dataset.test is None:
        raise FieldError("evaluate_on", f"must be validation, got test: {dataset.name} has no separate test part")
    return n


def pool_size(config: RunConfig, dataset: Dataset) -> int:
    """Return the number of examples that a run can train on.

    `validation_share` is taken from the end of the training and validation examples together, so the first training
    examples are the same for every share.
    """
    return pool_size_of(config.validation_share, len(dataset.training), len(dataset.validation))


def pool_size_of(validation_share: float | None, training: int, validation: int) -> int:
    """Return `pool_size` for a data set with these numbers of training and validation examples."""
    if validation_share is None:
        return training
    total = training + validation
    return total - min(max(1, round(validation_share * total)), total - 1)


def _first_examples(n: int, dataset: Dataset) -> Labelled:
    """Return the first n of the training and validation examples together, as a view if possible."""
    training, extra = dataset.training, n - len(dataset.training)
    if extra <= 0:
        return Labelled(training.x[:n], training.labels[:n])
    return _concatenate(training, Labelled(dataset.validation.x[:extra], dataset.validation.labels[:extra]))


def _examples_from(n: int, dataset: Dataset) -> Labelled:
    """Return the training and validation examples together without the first n, as a view if possible."""
    training, validation, skipped = dataset.training, dataset.validation, n - len(dataset.training)
    if skipped >= 0:
        return Labelled(validation.x[skipped:], validation.labels[skipped:])
    return _concatenate(Labelled(training.x[n:], training.labels[n:]), validation)


def _concatenate(first: Labelled, second: Labelled) -> Labelled:
    """Return the examples of both; a view if they are contiguous in memory, as those of MNIST are."""
    return Labelled(_concatenate_arrays(first.x, second.x), _concatenate_arrays(first.labels, second.labels))


def _concatenate_arrays(first: Array, second: Array) -> Array:
    end = first.ctypes.data + first.nbytes
    has_same_base = first.base is not None and first.base is second.base and first.dtype == second.dtype
    if has_same_base and first.flags.c_contiguous and second.flags.c_contiguous and end == second.ctypes.data:
        shape = (len(first) + len(second), *first.shape[1:])
        return np.lib.stride_tricks.as_strided(first, shape, first.strides, writeable=False)
    return np.concatenate([first, second])


def add_noise(x: Array, deviation: float, seed: int, clip: bool) -> Array:
    """Return x with Gaussian noise added to every feature. The seed determines the noise up to its scale.

    Args:
        x: (n, features). deviation: the standard deviation of the noise; 0 returns x itself. seed: seed of the run.
        clip: whether to clip the result to 0 … 1, the range of pixels.

    Returns:
        (n, features) of x's dtype. The noise of the first examples does not depend on n.
    """
    if not deviation:
        return x
    noise = generator(seed, Stream.PIXEL_NOISE).standard_normal(x.shape, dtype=np.float32)
    noise *= np.float32(deviation)
    noisy = x + noise
    return np.clip(noisy, 0, 1, out=noisy) if clip else noisy


def corrupt_labels(labels: Array, classes: int, share: float, seed: int) -> tuple[Array, Array]:
    """Replace exactly round(share · n) labels by another class; all other classes are equally likely.

    Returns:
        the labels (n,), and an array that is True where a label was replaced (n,).
    """
    n = len(labels)
    if not round(share * n):  # no copy: these labels may be shared with other processes
        return labels, np.zeros(n, dtype=bool)
    rng = generator(seed, Stream.LABELS)
    shuffled = rng.permutation(n)  # a larger share corrupts the same labels and more
    shift = rng.integers(1, classes, size=n) if classes > 1 else np.zeros(n, np.int64)
    corrupted = np.zeros(n, dtype=bool)
    if classes > 1:
        corrupted[shuffled[: round(share * n)]] = True
    return np.where(corrupted, (labels + shift) % classes, labels), corrupted


def one_hot(labels: Array, classes: int, dtype: np.dtype) -> Array:
    """Return labels (n,) as (n, classes): 1 in the column of the label, 0 elsewhere."""
    y = np.zeros((len(labels), classes), dtype=dtype)
    y[np.arange(len(labels)), labels] = 1
    return y
