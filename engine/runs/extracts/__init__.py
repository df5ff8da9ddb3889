"""Extracts: what each panel of a board needs of a run, computed from its state at one step.

The worker makes an extract between two mini-batches while somebody watches it; the server makes it
from a keyframe to show an earlier step. A new one is a file here and a line in `VIEWS`.
"""

from engine.runs.extracts.committee import committee_of
from engine.runs.extracts.committee import trend as committee_trend
from engine.runs.extracts.confusion import confusion_of
from engine.runs.extracts.extract import View
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

VIEWS = {
    view.name: view
    for view in (
        View("plane", plane_of, 0.08),  # with every report: a moving boundary is what people watch
        View("weights", weights_of, 0.25),  # histograms change slowly and cost more to draw
        View("then", then_of, 0.25),
        View("ribbon", ribbon_of, 0.0, masks_only=True),
        # the values change with every mini-batch: more often, they could not be read
        View("tug", tug_of, 0.25, trend=tug_trend),
        View("network", network_of, 0.0),  # with every report, as the ribbon
        View("trained", trained_of, 0.5, masks_only=True),
        View("committee", committee_of, 1.0, trend=committee_trend),  # twenty networks on 500 examples
        View("pictures", pictures_of, 1.0),  # up to twenty kilobytes
        View("confusion", confusion_of, 2.0),
        View("lmbda", terms_of, 1.0),  # only the schedule changes anything in it
    )
}

__all__ = ["VIEWS"]
