"""Data sets, by name: `load_dataset("digits")`, and a run's share of one: `select(config, dataset)`."""

from engine.data.catalogue import data_folder, dataset_names, load_dataset
from engine.data.dataset import Dataset, Labelled
from engine.data.selection import RunData, select

__all__ = ["Dataset", "Labelled", "RunData", "data_folder", "dataset_names", "load_dataset", "select"]
