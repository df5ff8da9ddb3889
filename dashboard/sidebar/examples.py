"""The data set and the number of training examples that the data widgets select."""

from __future__ import annotations

from dashboard.state.settings import widgets
from engine import Dataset, FieldError, RunConfig, dataset_of
from engine.data import pool_size


def selection_config() -> RunConfig:
    """Return a config of the fields that select examples; all other fields have their defaults."""
    return RunConfig(
        dataset=widgets.widget_value("dataset"),
        seed=widgets.field_value("seed") or 0,
        data_noise=widgets.widget_value("data_noise"),
        blob_classes=widgets.widget_value("blob_classes"),
        validation_share=widgets.widget_value("validation_share"),
    )


def chosen_dataset() -> Dataset | None:
    """Return the chosen data set, or None if it is not available; `reading.read_settings` returns the reason."""
    try:
        return dataset_of(selection_config())
    except FieldError:
        return None


def pool_examples() -> int | None:
    """Return the size of the training pool, or None for a data set that is not available."""
    dataset = chosen_dataset()
    return None if dataset is None else pool_size(selection_config(), dataset)


def training_example_count() -> int | None:
    """Return the number of training examples in use, or None for all of an unavailable data set."""
    train_size = widgets.widget_value("train_size")
    return pool_examples() if train_size is None else int(train_size)
