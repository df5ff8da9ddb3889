"""Data sets, by name: `load_dataset("digits")`, and a run's share of one: `select(config, dataset)`."""

from engine.data.catalogue import MNIST_TRAINING, data_folder, dataset_names, load_dataset
from engine.data.dataset import Dataset, Labelled
from engine.data.selection import RunData, select

__all__ = ["MNIST_TRAINING", "Dataset", "Labelled", "RunData", "data_folder", "dataset_names", "load_dataset", "select"]
