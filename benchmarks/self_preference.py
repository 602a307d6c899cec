"""Does the adjusted estimate of self-preference hold where raw shares and DBG do not?

Verdicts are drawn for pairs whose gold is known, by a judge and a panel that err at given rates, and go through
the analysis that a run goes through (`analysis.self_preference`). Own responses are equal, better or worse by gold; a
planted preference turns verdicts toward the own response. For every estimator: its error and how often its interval
holds the planted value.

    python benchmarks/self_preference.py --replications 2000 > benchmarks/self_preference.md
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from markdown_page import machine, table

from judgebench.analysis.self_preference import self_preference_rows
from judgebench.analysis.settings import Settings

ESTIMANDS = ("raw", "dbg", "gold_regression", "judge_minus_panel", "adjusted", "panel_regression")
PAIRS = 400


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is drawn.

    Attributes:
        name: In the table.
        better: How often gold says that the own response is the better one.
        judge: How often the judge says what gold says, without a preference.
        panel: How often a member of the panel does.
        planted: What is added to the chance that the own response wins.
    """

    name: str
    better: float
    judge: float = 5 / 6
    panel: float = 5 / 6
    planted: float = 0.0


SCENARIOS = (
    Scenario("equal quality", 0.5),
    Scenario("own worse", 1 / 6),
    Scenario("own better", 5 / 6),
    Scenario("own better, the judge errs more", 5 / 6, judge=0.7, panel=0.9),
    Scenario("own worse, the judge errs less", 1 / 6, judge=0.9, panel=0.7),
    Scenario("planted .05, own better", 2 / 3, planted=0.05),
    Scenario("planted .10, own worse", 1 / 3, planted=0.10),
    Scenario("planted .20, equal quality", 0.5, judge=0.75, planted=0.20),
)


def draw(scenario: Scenario, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Verdicts of the judge and the table of pairs: as many own pairs as pairs of others."""
    rng = np.random.default_rng([seed, SCENARIOS.index(scenario)])
    own = np.repeat([True, False], PAIRS)
    gold = rng.random(own.size) < np.where(own, scenario.better, 0.5)
    chance = np.where(gold, scenario.judge, 1 - scenario.judge) + scenario.planted * own
    wins = rng.random((own.size, 2)) < np.minimum(chance, 1.0)[:, None]
    said = np.where(gold, scenario.panel, 1 - scenario.panel)
    panel = (rng.random((own.size, 6)) < said[:, None]).mean(axis=1)
    names = np.array([f"{place}" for place in range(own.size)])
    pairs = pd.DataFrame({
        "item_id": names, "prompt_id": names, "author_a": np.where(own, "judge", "x"), "author_b": "y",
        "relation_a": np.where(own, "self", "none"), "relation_b": "none", "gold_a": gold.astype(float),
        "gap_a": 2.0 * gold - 1, "panel_a": panel,
    })  # fmt: skip
    verdicts = pd.concat([_order(names, order, wins[:, place]) for place, order in enumerate(("ab", "ba"))])
    return verdicts, pairs


def _order(names: np.ndarray, order: str, wins: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({
        "suite": "s", "judge": "j", "item_id": names, "source": "s", "category": None, "perturbation": "none",
        "arm": "control", "target": None, "order": order, "protocol": "pairwise", "mitigation": "none", "repeat": 0,
        "verdict": np.where(wins, "a", "b"), "p_a": np.nan, "p_b": np.nan, "p_tie": np.nan, "gold": None,
    })  # fmt: skip


def one(scenario: Scenario, seed: int) -> list[tuple[str, float, bool]]:
    """(estimand, error, whether the interval holds the planted value) of one draw."""
    rows, _ = self_preference_rows(*draw(scenario, seed), Settings())
    return [
        (row["estimand"], row["estimate"] - scenario.planted,
         bool(row["conf_low"] <= scenario.planted <= row["conf_high"]))
        for row in rows
        if row["perturbation"] == "all" and row["estimand"] in ESTIMANDS
    ]  # fmt: skip


def measure(scenario: Scenario, replications: int, processes: int) -> dict[str, tuple[float, float]]:
    """For each estimand the mean error and the coverage."""
    with ProcessPoolExecutor(processes) as pool:
        found = [
            row
            for rows in pool.map(partial(one, scenario), range(replications), chunksize=20)
            for row in rows
        ]
    frame = pd.DataFrame(found, columns=["estimand", "error", "holds"]).groupby("estimand").mean()
    return {name: (float(frame.loc[name, "error"]), float(frame.loc[name, "holds"])) for name in ESTIMANDS}


def page(replications: int, processes: int) -> str:
    """The page."""
    head = ("scenario", "planted", *ESTIMANDS)
    rows = []
    for scenario in SCENARIOS:
        found = measure(scenario, replications, processes)
        cells = (f"{found[name][0]:+.3f} ({found[name][1]:.1%})" for name in ESTIMANDS)
        rows.append((scenario.name, f"{scenario.planted:.2f}", *cells))
    about = (
        f"Mean error of the estimate and share of 95 % intervals that hold the planted value; {PAIRS} own pairs and "
        f"{PAIRS} of others, both orders, gold known, a panel of three in both orders; {replications} replications."
    )
    return "\n\n".join(("# Self-preference: error and coverage", about, table(head, rows), machine()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    print(page(given.replications, given.processes))
