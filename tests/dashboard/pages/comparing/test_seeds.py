"""The table of the seeds: one row per setting with its mean accuracy and spread."""

from __future__ import annotations

from statistics import mean

from dashboard.pages.comparing import seeds
from engine import RunConfig
from engine.analysis.evidence import spread_over_seeds


class Fan:
    """Two settings whose runs ended with known accuracies."""

    def __init__(self) -> None:
        self.accuracies = {RunConfig.demo(l2=0.0): [0.80, 0.82, 0.84], RunConfig.demo(l2=1.0): [0.90, 0.92, 0.91]}
        self.configs = list(self.accuracies)
        self.is_running = True

    def complete_seed_count(self) -> int:
        return 3

    def final_values(self, config: RunConfig) -> list[float]:
        return self.accuracies[config]

    def spread(self, config: RunConfig):
        return spread_over_seeds(self.accuracies[config])


def test_the_table_has_a_row_per_setting_with_the_mean_of_its_seeds(monkeypatch):
    tables = []
    monkeypatch.setattr(seeds.st, "table", lambda rows, **options: tables.append(rows))
    fan = Fan()
    seeds.spread_table(fan, ["plain", "L2"])
    ((first, second),) = tables
    assert list(first) == ["Run", "Last, mean", "Of a single seed", "Against plain"]
    assert [first["Run"], second["Run"]] == ["**plain**", "**L2**"]
    for row, accuracies in zip((first, second), fan.accuracies.values(), strict=True):
        assert row["Last, mean"].startswith(f"{100 * mean(accuracies):.1f}")
    assert second["Against plain"] != first["Against plain"]


def test_the_best_mean_is_first_once_the_seeds_are_trained(monkeypatch):
    tables = []
    monkeypatch.setattr(seeds.st, "table", lambda rows, **options: tables.append(rows))
    fan = Fan()
    seeds.spread_table(fan, ["plain", "L2"])
    fan.is_running = False
    seeds.spread_table(fan, ["plain", "L2"])
    assert [[row["Run"] for row in rows] for rows in tables] == [["**plain**", "**L2**"], ["**L2**", "**plain**"]]
    assert tables[0] == tables[1][::-1]
