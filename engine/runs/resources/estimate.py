"""An estimate of the memory and the disk space that a run needs, before it starts.

The factors are measured on the peak memory of real workers and servers: see docs/decisions/0012-memory-and-disk.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.config import RunConfig
from engine.data.shape import DataShape, data_shape
from engine.learning.metrics import CHUNK_EXAMPLES
from engine.learning.network import Parameters, layer_sizes_of
from engine.runs.extracts.keyframe import stored_bytes
from engine.runs.history.keyframes import MAX_BYTES, MAX_STORED_BYTES, max_keyframes

# Copies of the weights beside the keyframes. In the worker: the parameters and those before the block, initial values
# in float64, buffers of the update, a checkpoint, the bytes of a write and of a report, and extracts.
WORKER_COPIES = 10
SERVER_COPIES = 3  # the newest keyframe, and a report as it is received
# A run that is resumed or forked: the server keeps its keyframes, packs them and sends them; the worker unpacks them.
RESUME_WORKER_KEYFRAMES, RESUME_SERVER_KEYFRAMES = 2, 4
DISK_COPIES = 2  # the checkpoint, and the weights of the best epoch
# Of a layer's activations for a mini-batch: h, a, δ and the slope of the update, and about five of the extracts that
# repeat it, such as the tug of war; with dropout also the masks.
BATCH_BUFFERS, MASK_BUFFERS = 9, 2
MEASURED_BUFFERS = 2  # of a layer's activations for the examples that are measured at once
LARGE_MEMORY = 256 << 20  # bytes; only above this the page and the terminal show an estimate


@dataclass(frozen=True)
class Needs:
    """What one run needs.

    Attributes:
        network: bytes of memory for weights and keyframes, in the worker and the server together.
        mini_batch: bytes of memory for activations. data: bytes of memory for the examples.
        worker: the part of the sum that the worker has. disk: bytes on the disk.
    """

    network: int
    mini_batch: int
    data: int
    worker: int
    disk: int

    @property
    def memory(self) -> int:
        """Bytes of memory in the worker and the server, without those of their programs."""
        return self.network + self.mini_batch + self.data

    @property
    def largest_field(self) -> str:
        """The field of `RunConfig` to change in order to need less memory."""
        parts = {"hidden": self.network, "mini_batch_size": self.mini_batch, "train_size": self.data}
        return max(parts, key=lambda field: parts[field])


def estimate(config: RunConfig, is_resumed: bool = False, shape: DataShape | None = None) -> Needs:
    """Return what a run needs.

    Args:
        config: the run. is_resumed: whether it continues a stored run or is a fork.
        shape: of the data set; by default that of the config.

    Raises:
        FieldError: if the data set is missing.
    """
    shape = shape or data_shape(config)
    sizes = layer_sizes_of(config, shape.features, shape.classes)
    itemsize = np.dtype(config.dtype).itemsize
    nbytes = Parameters.length(sizes) * itemsize
    keyframe = stored_bytes(nbytes, itemsize)
    in_memory = keyframe * max_keyframes(keyframe, MAX_BYTES)
    on_disk = keyframe * max_keyframes(keyframe, MAX_STORED_BYTES)
    worker_keyframes, server_keyframes = on_disk, in_memory
    if is_resumed:
        worker_keyframes, server_keyframes = (
            RESUME_WORKER_KEYFRAMES * on_disk,
            RESUME_SERVER_KEYFRAMES * in_memory,
        )
    worker_network = worker_keyframes + WORKER_COPIES * nbytes
    n, evaluation = shape.examples_in_use(config)
    has_masks = config.drop_probability > 0 or config.input_drop_probability > 0
    buffers = BATCH_BUFFERS + (MASK_BUFFERS if has_masks and config.dropout_mask == "example" else 0)
    measured = min(CHUNK_EXAMPLES, max(n, evaluation))
    mini_batch = sum(sizes) * itemsize * max(buffers * config.mini_batch_size, MEASURED_BUFFERS * measured)
    data = shape.nbytes(config)
    return Needs(
        network=worker_network + server_keyframes + SERVER_COPIES * nbytes,
        mini_batch=mini_batch,
        data=data,
        worker=worker_network + mini_batch + data,
        disk=on_disk + DISK_COPIES * nbytes,
    )
