"""Extracts: the data of each panel of a board, computed from the state of a run at one step.

The worker makes an extract between two mini-batches while it has a viewer. The server makes it from a keyframe to show
an earlier step. To add an extract, add a file here and an entry in `EXTRACTS`.
"""

from engine.runs.extracts.committee import committee_of
from engine.runs.extracts.committee import series_values as committee_series_values
from engine.runs.extracts.confusion import confusion_of
from engine.runs.extracts.extract import Extract
from engine.runs.extracts.initial_and_current import compare_weights
from engine.runs.extracts.lmbda import lmbda_terms
from engine.runs.extracts.network import network_of
from engine.runs.extracts.pictures import pictures_of
from engine.runs.extracts.plane import plane_of
from engine.runs.extracts.recent_masks import recent_masks_of
from engine.runs.extracts.training_shares import training_shares_of
from engine.runs.extracts.tug import series_values as tug_series_values
from engine.runs.extracts.tug import tug_of
from engine.runs.extracts.weights import weights_of

EXTRACTS = {
    extract.name: extract
    for extract in (
        Extract("plane", plane_of, 0.08),  # with every report, so that the boundary moves smoothly
        Extract("weights", weights_of, 0.25),  # histograms change slowly and cost more to draw
        Extract("then", compare_weights, 0.25),
        Extract("recent_masks", recent_masks_of, 0.0, masks_only=True),
        # the values change with every mini-batch: at a shorter interval they could not be read
        Extract("tug", tug_of, 0.25, series_values=tug_series_values),
        Extract("network", network_of, 0.0),  # with every report, like the masks
        Extract("trained", training_shares_of, 0.5, masks_only=True),
        # twenty networks on 500 examples
        Extract("committee", committee_of, 1.0, series_values=committee_series_values),
        Extract("pictures", pictures_of, 1.0),  # up to twenty kilobytes
        Extract("confusion", confusion_of, 2.0),
        Extract("lmbda", lmbda_terms, 1.0),  # only the learning rate schedule changes it
    )
}

__all__ = ["EXTRACTS"]
