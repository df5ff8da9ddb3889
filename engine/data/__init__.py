"""Data sets, by name: `load_dataset("digits")`, and a run's share of one: `select(config, dataset_of(config))`."""

from engine.data.catalogue import dataset_names, dataset_of, dataset_titles, demo_config, load_dataset
from engine.data.dataset import Dataset, Labelled
from engine.data.download.fetching import Fetchable, Fetched, fetch, fetchable
from engine.data.files.folders import data_folder
from engine.data.gallery import Balance, Gallery, class_balance, gallery
from engine.data.mnist_family import MNIST_TRAINING
from engine.data.own import Own, forget, keep, own_datasets
from engine.data.planar import PLANAR
from engine.data.readers.from_csv import Columns, columns, read_csv
from engine.data.readers.from_idx import read_idx_pair
from engine.data.readers.from_npz import read_npz
from engine.data.readers.table import Table
from engine.data.scaling import Scaling
from engine.data.selection import RunData, check_selection, pool_size, select

__all__ = [
    "MNIST_TRAINING",
    "PLANAR",
    "Balance",
    "Columns",
    "Dataset",
    "Fetchable",
    "Fetched",
    "Gallery",
    "Labelled",
    "Own",
    "RunData",
    "Scaling",
    "Table",
    "check_selection",
    "class_balance",
    "columns",
    "data_folder",
    "dataset_names",
    "dataset_of",
    "dataset_titles",
    "demo_config",
    "fetch",
    "fetchable",
    "forget",
    "gallery",
    "keep",
    "load_dataset",
    "own_datasets",
    "pool_size",
    "read_csv",
    "read_idx_pair",
    "read_npz",
    "select",
]
