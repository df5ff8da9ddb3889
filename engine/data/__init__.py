"""Data sets, by name: `load_dataset("digits")`, and a run's share of one: `select(config, dataset)`."""

from engine.data.catalogue import dataset_names, load_dataset
from engine.data.dataset import Dataset, Labelled
from engine.data.download import Fetchable, Fetched, fetch, fetchable
from engine.data.folders import data_folder
from engine.data.mnist_family import MNIST_TRAINING
from engine.data.selection import RunData, select

__all__ = [
    "MNIST_TRAINING",
    "Dataset",
    "Fetchable",
    "Fetched",
    "Labelled",
    "RunData",
    "data_folder",
    "dataset_names",
    "fetch",
    "fetchable",
    "load_dataset",
    "select",
]
