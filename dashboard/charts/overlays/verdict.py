"""How compared runs ended, in words: which is best, and which differences are larger than their errors."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboard.charts import numbers
from dashboard.charts.overlays.entrant import Entrant, evaluation_set_name
from engine.analysis.evidence import standard_error
from engine.learning.metrics import Measurement

CLEAR = 2.0  # standard errors of a difference


def verdict(entrants: Sequence[Entrant]) -> str:
    """Return a sentence about the newest accuracies, the best first; "" for fewer than two measured runs.

    A difference within `CLEAR` of its standard errors is called unclear. The errors are those of two independent sets
    of examples, which are too large for runs on the same examples: the part Results compares example by example.
    """
    measured = [(entrant.name, snapshot.evaluation) for entrant in entrants if (snapshot := entrant.telemetry.snapshot)]
    if len(measured) < 2:
        return ""
    measured.sort(key=lambda run: -run[1].accuracy)
    (best_name, best), *others = measured
    clear, unclear = [], []
    for name, evaluation in others:
        difference, error = best.accuracy - evaluation.accuracy, _error_of_difference(best, evaluation)
        if difference > CLEAR * error:
            clear.append(f"{name} ({numbers.points(-difference)})")
        else:
            unclear.append(f"{name} ({100 * -difference:+.1f} ± {100 * error:.1f})".replace("-", "−"))
    text = f"{best_name[0].upper()}{best_name[1:]} ends highest, {numbers.percent(best.accuracy)} on the "
    name = evaluation_set_name(entrants)
    text += name if "set" in name else f"{name} set"
    if clear:
        text += f": {', '.join(clear)}"
    if unclear:
        text += f". No clear difference from {', '.join(unclear)}"
    return f"{text}."


def _error_of_difference(first: Measurement, second: Measurement) -> float:
    return math.hypot(*(standard_error(each.accuracy, each.size) for each in (first, second)))
