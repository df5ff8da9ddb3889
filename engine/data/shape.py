"""The size of a data set, without its examples in memory: for estimates before a run starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.config import RunConfig
from engine.data.catalogue import FIXED_SETS, dataset_of
from engine.data.dataset import Dataset
from engine.data.expansion import SHIFTS
from engine.data.own import is_own_dataset, own_shape, split_sizes
from engine.data.selection import pool_size_of


@dataclass(frozen=True)
class DataShape:
    """The size of a data set.

    Attributes:
        training, validation: the numbers of examples. features, classes: their counts.
        standardize: whether a run makes scaled copies of the examples.
        is_shared: whether the examples are in a file that all processes map into their memory.
    """

    training: int
    validation: int
    features: int
    classes: int
    standardize: bool
    is_shared: bool

    @classmethod
    def of(cls, dataset: Dataset) -> DataShape:
        """Return the size of a loaded data set."""
        return cls(
            len(dataset.training),
            len(dataset.validation),
            dataset.features,
            dataset.classes,
            dataset.standardize,
            # arrays that `load_shared` has mapped into memory are read-only
            is_shared=dataset.name in FIXED_SETS and not dataset.training.x.flags.writeable,
        )

    def examples_in_use(self, config: RunConfig) -> tuple[int, int]:
        """Return the number of training examples of a run, without shifted copies, and of validation examples."""
        pool = pool_size_of(config.validation_share, self.training, self.validation)
        return min(config.train_size or pool, pool), self.training + self.validation - pool

    def nbytes(self, config: RunConfig) -> int:
        """Return the bytes of all arrays of a run's data: the examples, and what `select` makes of them.

        While a person's own set is loaded and shuffled, it is in memory twice.
        """
        itemsize = 8 if config.dtype == "float64" else 4
        n, evaluation = self.examples_in_use(config)
        examples = 0 if self.is_shared else 4 * (self.training + self.validation) * self.features
        is_copied = self.standardize or config.dtype == "float64"
        training_x = itemsize * n * self.features
        selected = (training_x + itemsize * evaluation * self.features) if is_copied else 0
        if config.pixel_noise:
            selected += 4 * n * self.features + training_x  # the noise, and the noisy examples
        copies = 1
        if config.expand:
            copies += len(SHIFTS)
            selected += 2 * copies * training_x  # the shifted images are made one by one, then joined
        # targets, and three arrays of labels
        selected += n * copies * (itemsize * self.classes + 8 + 8 + 1) + evaluation * (itemsize * self.classes + 8)
        return examples + max(selected, 0 if self.is_shared else examples)


def data_shape(config: RunConfig, folder: Path | None = None) -> DataShape:
    """Return the size of the data set of a run. Of a person's own set only the description is read.

    Raises:
        FieldError: as `dataset_of`.
    """
    if is_own_dataset(config.dataset):
        rows, features, classes, is_image = own_shape(config.dataset, folder)
        training, validation = split_sizes(rows)
        return DataShape(training, validation, features, classes, not is_image, is_shared=False)
    return DataShape.of(dataset_of(config))  # bundled, drawn, or mapped into memory
