"""The engine of Regscope: networks of chapter 3 of *Neural Networks and Deep Learning*, in NumPy.

    from engine import RunConfig, dataset_of, select, train

    config = RunConfig(l2=1.0, drop_probability=0.5)
    for snapshot in train(config, select(config, dataset_of(config))):
        print(snapshot.epoch, snapshot.training.accuracy, snapshot.evaluation.accuracy)

More programs are in docs/api.md.
"""

from engine.config import RunConfig
from engine.data import Dataset, Labelled, RunData, data_folder, dataset_names, dataset_of, load_dataset, select
from engine.data.checks import warnings
from engine.errors import FieldError
from engine.learning.checkpoint import Change, Checkpoint
from engine.learning.dropout import masks
from engine.learning.metrics import Histogram, Measurement, weight_histogram
from engine.learning.network import Parameters, initial_parameters
from engine.learning.outputs import outputs
from engine.learning.rollback import Diverged
from engine.learning.snapshot import Snapshot
from engine.learning.training import Training, train

__all__ = [
    "Change",
    "Checkpoint",
    "Dataset",
    "Diverged",
    "FieldError",
    "Histogram",
    "Labelled",
    "Measurement",
    "Parameters",
    "RunConfig",
    "RunData",
    "Snapshot",
    "Training",
    "data_folder",
    "dataset_names",
    "dataset_of",
    "initial_parameters",
    "load_dataset",
    "masks",
    "outputs",
    "select",
    "train",
    "warnings",
    "weight_histogram",
]
