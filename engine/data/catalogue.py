"""The available data sets, by name.

A new data set that is the same for every run is a file and an entry in `FIXED_SETS`. The generated sets are in
`engine.data.planar`.
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
from engine.data.own import is_own_dataset, load_own_dataset, own_path, own_title
from engine.data.planar import PLANAR, planar_dataset
from engine.errors import FieldError, check_type

MAX_SHORT_TITLE = 40  # characters
REMOVED_OWN_TITLE = "Own data"  # instead of the title of an own data set that was removed

# By the value of `RunConfig.dataset`, in the order in which the page lists them.
FIXED_SETS: Mapping[str, FixedSet] = {"digits": DIGITS, **mnist_family.SETS}


def load_dataset(name: str) -> Dataset:
    """Return the data set of that name, loaded once per process.

    Args:
        name: one of `dataset_names()`, or the name of a person's own data set.

    Raises:
        FieldError: for another name, a generated set, or files that are missing or damaged.
    """
    if is_own_dataset(name):
        return _load_own(name, own_path(name))
    if not isinstance(name, str) or name not in FIXED_SETS:
        if isinstance(name, str) and name in PLANAR:
            raise FieldError(
                "dataset", f"must be a fixed set, got {name}: it is drawn from the seed of a run, use dataset_of"
            )
        available = ", ".join(dataset_titles())
        raise FieldError("dataset", f"must be one of {available} or own:… for your own data, got {name!r:.60}")
    return _load(name, data_folder())


def dataset_of(config: RunConfig) -> Dataset:
    """Return the data set of a run: a fixed set, a set drawn from its seed, or a person's own.

    Raises:
        FieldError: as `load_dataset`.
    """
    check_type("config", config, RunConfig)
    if config.dataset in PLANAR:
        classes = PLANAR[config.dataset].classes_of(config.blob_classes)
        return planar_dataset(config.dataset, config.data_noise, classes, config.seed)
    return load_dataset(config.dataset)


def demo_config(name: str) -> RunConfig:
    """Return the demonstration of regularization on a data set, given by its name."""
    return RunConfig.demo(dataset=name, **(PLANAR[name].demo_fields if name in PLANAR else {}))


def dataset_names() -> list[str]:
    """Return the names of the fixed sets; see `PLANAR` for generated ones and `own_datasets()` for users' own."""
    return list(FIXED_SETS)


def dataset_titles() -> dict[str, str]:
    """Return the name and the title of every fixed and every generated set."""
    titles = {name: entry.title for name, entry in FIXED_SETS.items()}
    return titles | {name: entry.title for name, entry in PLANAR.items()}


def dataset_title(name: str, short: bool = False) -> str:
    """Return the title of a data set for texts about runs; of an own set that was removed, "Own data".

    Args:
        name: of the data set; that of a run from a file may be any text.
        short: return at most `MAX_SHORT_TITLE` characters, and the names of fixed and generated sets: "mnist".
    """
    if not is_own_dataset(name):
        title = name if short else dataset_titles().get(name, name)
    else:
        try:
            title = own_title(name)
        except FieldError:
            title = REMOVED_OWN_TITLE[0].lower() + REMOVED_OWN_TITLE[1:] if short else REMOVED_OWN_TITLE
    return f"{title[: MAX_SHORT_TITLE - 1]}…" if short and len(title) > MAX_SHORT_TITLE else title


@lru_cache(maxsize=4)
def _load(name: str, folder: Path) -> Dataset:
    return FIXED_SETS[name].load(folder)


@lru_cache(maxsize=4)
def _load_own(name: str, path: Path) -> Dataset:
    return load_own_dataset(name, path)
