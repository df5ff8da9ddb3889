"""Dropout: the masks of dropped neurons for each mini-batch.

The default is the chapter's: drop a random half of the hidden neurons, train the thinned network on one mini-batch,
restore them, drop another half. The options are those of Srivastava et al. 2014: independent neurons, a mask for every
example, inverted scaling, dropout of the inputs.

A mask is a pure function of (seed, layer, step), so the mask of any step can be computed again. Layer 0 is the
inputs, layer 1 the first hidden layer. Steps count from 1.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.errors import FieldError
from engine.learning.network import Parameters, scaled_for_inference
from engine.randomness import Stream, generator

# Masks are drawn for this many steps at once: creating a generator takes 30 µs, as long as a whole step.
BLOCK_STEPS = 64


def drop_probability(config: RunConfig, layer: int) -> float:
    """Return the drop probability p of a layer's neurons; layer 0 is the inputs."""
    return config.input_drop_probability if layer == 0 else config.drop_probability


def keep_probabilities(config: RunConfig, layers: int) -> list[float]:
    """Return the keep probabilities 1 − p of the inputs and of each hidden layer."""
    return [1.0 - drop_probability(config, layer) for layer in range(layers)]


def inference_parameters(config: RunConfig, parameters: Parameters) -> Parameters:
    """Return the full network: with classic dropout scaling, outgoing weights × keep probability."""
    if config.dropout_scaling == "inverted":
        return parameters
    return scaled_for_inference(parameters, keep_probabilities(config, len(parameters.weights)))


def masks(config: RunConfig, layer: int, step: int, width: int | None = None) -> Array:
    """Return the mask of a layer at a step: 1 kept, 0 dropped.

    Args:
        config: the run.
        layer: 0 for the inputs, 1 for the first hidden layer, and so on.
        step: the update, from 1.
        width: the number of neurons; required for the inputs, whose number depends on the data.

    Returns:
        bool (width,), or (mini_batch_size, width) with one mask per example.

    Raises:
        FieldError: for a layer that does not exist, a step below 1, and inputs without a width.
    """
    if not 0 <= layer <= len(config.hidden):
        raise FieldError(
            "layer", f"must be from 0 (the inputs) to {len(config.hidden)}, got {layer}: outputs are never dropped"
        )
    if step < 1:
        raise FieldError("step", f"must be at least 1, got {step}: updates count from 1")
    if layer == 0 and width is None:
        raise FieldError("width", "must be given for layer 0, got None: the number of inputs depends on the data")
    mask = masks_of_steps(config, layer, step, 1, width)[0]
    return mask if config.dropout_mask == "example" else mask[0]


def masks_of_steps(config: RunConfig, layer: int, first: int, count: int, width: int | None = None) -> Array:
    """Return the masks of steps first … first + count − 1: bool (count, rows, width).

    rows is 1 with one mask per mini-batch, and mini_batch_size with one mask per example.
    """
    if width is None:
        width = config.hidden[layer - 1]
    p = drop_probability(config, layer)
    rows = config.mini_batch_size if config.dropout_mask == "example" else 1
    steps_per_block = max(1, BLOCK_STEPS // rows)
    parts = []
    step, last = first, first + count - 1
    while step <= last:
        block, offset = divmod(step - 1, steps_per_block)
        end = min(last, (block + 1) * steps_per_block)
        is_kept = _mask_block(config.seed, layer, block, (steps_per_block, rows, width), p, config.dropout_count)
        parts.append(is_kept[offset : offset + end - step + 1])
        step = end + 1
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


@lru_cache(maxsize=16)  # consecutive calls use the same block; one block is small
def _mask_block(seed: int, layer: int, block: int, shape: tuple[int, int, int], p: float, count: str) -> Array:
    """Return a block of masks. The keys do not depend on p, so a higher p drops the same neurons and more."""
    keys = generator(seed, Stream.MASKS, layer, block).random(shape, dtype=np.float32)
    if count == "bernoulli":
        is_kept = keys >= p
    else:
        is_kept = np.ones(shape, dtype=bool)
        dropped_count = round(p * shape[-1])
        if dropped_count:
            last = dropped_count - 1
            threshold = np.partition(keys, last, axis=-1)[..., last:dropped_count]  # largest key of a dropped neuron
            np.greater(keys, threshold, out=is_kept)
            kept_count = is_kept.size // shape[-1] * (shape[-1] - dropped_count)
            if np.count_nonzero(is_kept) != kept_count:  # two keys are equal
                is_kept.fill(True)
                dropped_neurons = np.argpartition(keys, last, axis=-1)[..., :dropped_count]
                np.put_along_axis(is_kept, dropped_neurons, False, axis=-1)
    is_kept.flags.writeable = False  # the cache shares it
    return is_kept
