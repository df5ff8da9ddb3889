"""Extracts: the data of each panel of a board, computed from the state of a run at one step.

The worker makes an extract between two mini-batches while somebody watches it; the server makes it
from a keyframe to show an earlier step. A new one is a file here and a line in `EXTRACTS`.
"""

from engine.runs.extracts.committee import committee_of
from engine.runs.extracts.committee import trend as committee_trend
from engine.runs.extracts.confusion import confusion_of
from engine.runs.extracts.extract import Extract
from engine.runs.extracts.lmbda import terms_of
from engine.runs.extracts.network import network_of
from engine.runs.extracts.pictures import pictures_of
from engine.runs.extracts.plane import plane_of
from engine.runs.extracts.ribbon import ribbon_of
from engine.runs.extracts.then import then_of
from engine.runs.extracts.trained import trained_of
from engine.runs.extracts.tug import trend as tug_trend
from engine.runs.extracts.tug import tug_of
from engine.runs.extracts.weights import weights_of

EXTRACTS = {
    extract.name: extract
    for extract in (
        Extract("plane", plane_of, 0.08),  # with every report, so that the boundary moves smoothly
        Extract("weights", weights_of, 0.25),  # histograms change slowly and cost more to draw
        Extract("then", then_of, 0.25),
        Extract("ribbon", ribbon_of, 0.0, masks_only=True),
        # the values change with every mini-batch: people could not read faster ones
        Extract("tug", tug_of, 0.25, trend=tug_trend),
        Extract("network", network_of, 0.0),  # with every report, as the ribbon
        Extract("trained", trained_of, 0.5, masks_only=True),
        Extract("committee", committee_of, 1.0, trend=committee_trend),  # twenty networks on 500 examples
        Extract("pictures", pictures_of, 1.0),  # up to twenty kilobytes
        Extract("confusion", confusion_of, 2.0),
        Extract("lmbda", terms_of, 1.0),  # only the schedule changes anything in it
    )
}

__all__ = ["EXTRACTS"]
