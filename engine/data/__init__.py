"""Data sets by name, `load_dataset("digits")`, and the data of a run, `select(config, dataset_of(config))`."""

from engine.data.catalogue import dataset_names, dataset_of, dataset_title, dataset_titles, demo_config, load_dataset
from engine.data.dataset import Dataset, Labelled
from engine.data.download.fetching import DownloadableDataset, FetchedFile, downloadable_datasets, fetch
from engine.data.files.folders import data_folder
from engine.data.gallery import ClassBalance, Gallery, class_balance, gallery
from engine.data.mnist_family import MNIST_TRAINING
from engine.data.own import OwnDataset, forget, keep, own_datasets
from engine.data.planar import PLANAR
from engine.data.readers.from_csv import Columns, read_columns, read_csv
from engine.data.readers.from_idx import read_idx_pair
from engine.data.readers.from_npz import read_npz
from engine.data.readers.table import Table
from engine.data.scaling import Scaling
from engine.data.selection import RunData, check_example_selection, pool_size, select

__all__ = [
    "MNIST_TRAINING",
    "PLANAR",
    "ClassBalance",
    "Columns",
    "Dataset",
    "DownloadableDataset",
    "FetchedFile",
    "Gallery",
    "Labelled",
    "OwnDataset",
    "RunData",
    "Scaling",
    "Table",
    "check_example_selection",
    "class_balance",
    "data_folder",
    "dataset_names",
    "dataset_of",
    "dataset_title",
    "dataset_titles",
    "demo_config",
    "downloadable_datasets",
    "fetch",
    "forget",
    "gallery",
    "keep",
    "load_dataset",
    "own_datasets",
    "pool_size",
    "read_columns",
    "read_csv",
    "read_idx_pair",
    "read_npz",
    "select",
]
