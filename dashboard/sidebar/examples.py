"""The examples that the data widgets select: the data set and the number of training examples."""

from __future__ import annotations

from dashboard.state.settings import widgets
from engine import Dataset, FieldError, RunConfig, dataset_of
from engine.data import pool_size


def selection() -> RunConfig:
    """Return a config of the fields that select examples; all other fields have their defaults."""
    return RunConfig(
        dataset=widgets.widget("dataset"),
        seed=widgets.field_value("seed") or 0,
        data_noise=widgets.widget("data_noise"),
        blob_classes=widgets.widget("blob_classes"),
        validation_share=widgets.widget("validation_share"),
    )


def chosen_dataset() -> Dataset | None:
    """Return the chosen data set, or None if it is not available; `reading.read` gives the reason."""
    try:
        return dataset_of(selection())
    except FieldError:
        return None


def available_examples() -> int | None:
    """Return the size of the training pool, or None for a data set that is not available."""
    dataset = chosen_dataset()
    return None if dataset is None else pool_size(selection(), dataset)


def training_examples() -> int | None:
    """Return the number of training examples in use, or None for all of an unavailable data set."""
    chosen = widgets.widget("train_size")
    return available_examples() if chosen is None else int(chosen)
