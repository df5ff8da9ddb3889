"""The table in docs/suggested.md, made from engine/analysis/suggested.json."""

from __future__ import annotations

from dashboard.charts import numbers
from engine.analysis.suggested import FIELDS, Suggestion, suggestions
from engine.config import SETTINGS
from engine.data.catalogue import dataset_titles


def table() -> str:
    """Return the table, in Markdown."""
    head = ["data", "examples", "wrong labels", *(SETTINGS[field].label for field in FIELDS)]
    rows = [head, ["---"] * len(head)]
    for (dataset, train_size, label_noise), found in suggestions().items():
        case = [dataset_titles()[dataset], numbers.count(train_size), f"{100 * label_noise:.0f} %"]
        rows.append([*case, *(_cell(found.get(field)) for field in FIELDS)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(found: Suggestion | None) -> str:
    if found is None:
        return numbers.NO_VALUE
    gain = f"{found.gain:+.1f} ± {found.error:.1f}".replace("-", "−")
    return f"{numbers.exact(found.strength)}: {gain if found.helps else f'*{gain}*'}"
