"""The panels for one run.

To add a panel, add a file to this folder and an entry to `PANELS` (docs/extending.md). The name of an entry is stored
in links and layouts and never changes; the file may have another name.
"""

from __future__ import annotations

from dashboard.charts.panel import Panel
from dashboard.charts.panels import (
    accuracy,
    boundary,
    committee,
    confusion,
    cost,
    dropout,
    initial_and_current,
    lmbda,
    mistakes,
    network,
    pictures,
    training_shares,
    tug_of_war,
    weight_spread,
    weights,
    weights_over_time,
)

PANELS = {
    panel.name: panel
    for panel in (
        Panel.from_module("boundary", "Decision boundary", ("plane",), boundary, is_large=True),
        Panel.from_module("cost", "Cost", ("epochs", "costs"), cost, redraw_interval=0.2, legend="ends"),
        Panel.from_module("accuracy", "Accuracy", ("epochs",), accuracy, redraw_interval=0.2, legend="ends"),
        Panel.from_module("weights", "Weight magnitudes", ("weights",), weights, legend="corner"),
        Panel.from_module("spread", "Spread of the weights", ("over_time",), weight_spread, legend="corner"),
        Panel.from_module("norms", "Weights over time", ("over_time",), weights_over_time, legend="ends"),
        Panel.from_module("then", "Initial and current weights", ("then",), initial_and_current, legend="corner"),
        Panel.from_module("pictures", "Hidden units as pictures", ("pictures",), pictures),
        Panel.from_module("tug", "Tug of war", ("tug", "epochs"), tug_of_war, legend="corner"),
        Panel.from_module("dropout", "Dropped neurons", ("recent_masks",), dropout),
        Panel.from_module("network", "The thinned network", ("network",), network, redraw_interval=0.15, legend="row"),
        Panel.from_module("trained", "How often each neuron trained", ("trained",), training_shares, legend="corner"),
        Panel.from_module("committee", "Committee", ("committee",), committee, legend="ends"),
        Panel.from_module("confusion", "Confusion matrix", ("confusion",), confusion),
        Panel.from_module("wrong", "Most confident mistakes", ("confusion",), mistakes),
        Panel.from_module("lmbda", "λ in words", ("lmbda", "epochs"), lmbda),
    )
}
