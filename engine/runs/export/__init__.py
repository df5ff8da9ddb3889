"""Exports of a run: tables, weights, checkpoints, data, and a program that repeats the run."""

from engine.runs.export.checkpoints import load_checkpoint, save_checkpoint
from engine.runs.export.weights import load_weights, save_weights

__all__ = ["load_checkpoint", "load_weights", "save_checkpoint", "save_weights"]
