"""The data sets there are, by name.

Adding one that is the same for every run is a file and an entry in `FIXED`; `planar` has the generated ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from engine.config import RunConfig
from engine.data import mnist_family
from engine.data.bundled.digits import DIGITS
from engine.data.dataset import Dataset, FixedSet
from engine.data.files.folders import data_folder
from engine.data.own import is_own, load_own, own_path
from engine.data.planar import PLANAR, planar
from engine.errors import FieldError, check_type

# By the value of `RunConfig.dataset`, in the order in which the page lists them.
FIXED: Mapping[str, FixedSet] = {"digits": DIGITS, **mnist_family.SETS}


def load_dataset(name: str) -> Dataset:
    """The data set of that name, one of `dataset_names()` or somebody's own; loaded once a process.

    Raises:
        FieldError: for a name that is neither, a set that is drawn from a run's seed, or files that
            are missing or damaged.
    """
    if is_own(name):
        return _load_own(name, own_path(name))
    if not isinstance(name, str) or name not in FIXED:
        if isinstance(name, str) and name in PLANAR:
            raise FieldError(
                "dataset", f"must be a fixed set, got {name}: it is drawn from a run's seed, take dataset_of"
            )
        known = ", ".join(dataset_titles())
        raise FieldError("dataset", f"must be one of {known} or own:… for one of your own, got {name!r:.60}")
    return _load(name, data_folder())


def dataset_of(config: RunConfig) -> Dataset:
    """A run's data set: a fixed one, one drawn from the run's seed, or somebody's own.

    Raises:
        FieldError: as `load_dataset`.
    """
    check_type("config", config, RunConfig)
    if config.dataset in PLANAR:
        classes = PLANAR[config.dataset].classes_of(config.blob_classes)
        return planar(config.dataset, config.data_noise, classes, config.seed)
    return load_dataset(config.dataset)


def demo_config(name: str) -> RunConfig:
    """Return the demonstration of regularization on a data set, given by its name."""
    return RunConfig.demo(dataset=name, **(PLANAR[name].demo if name in PLANAR else {}))


def dataset_names() -> list[str]:
    """The fixed sets. `PLANAR` are the generated ones, `own_datasets()` lists people's own."""
    return list(FIXED)


def dataset_titles() -> dict[str, str]:
    """Return the name and the title of every fixed and every generated set."""
    titles = {name: fixed.title for name, fixed in FIXED.items()}
    return titles | {name: planar.title for name, planar in PLANAR.items()}


@lru_cache(maxsize=4)
def _load(name: str, folder: Path) -> Dataset:
    return FIXED[name].load(folder)


@lru_cache(maxsize=4)
def _load_own(name: str, path: Path) -> Dataset:
    return load_own(name, path)
