"""Do the intervals of interactions cover, and why do those of several cues miss together?

    python benchmarks/interactions.py > benchmarks/interactions.md

Runs the quickstart suite against some judges with planted biases, and then draws the verdicts of each anew, many
times, from the probabilities that were planted: the analysis alone, at more replications than whole runs allow.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from markdown_page import machine, table

from judgebench.analysis import Settings
from judgebench.analysis.estimands import measurements
from judgebench.analysis.estimates import estimate_of, point_of
from judgebench.analysis.measurement import Measurement
from judgebench.analysis.panels import Experiment, Floats, Panel, experiment
from judgebench.audit import run

SUITE = Path(__file__).parent.parent / "suites" / "quickstart.yaml"
SETTINGS = Settings()
POSITION = "first_preference"
KEY = ["perturbation", "contrast"]
HEAD = (
    "perturbation",
    "contrast",
    "truth",
    "mean error",
    "its s.e.",
    "holds",
    "correlation with position's error",
)


def planted(seed: int) -> Experiment:
    """The probabilities of a judge's verdicts in the quickstart suite."""
    with tempfile.TemporaryDirectory() as folder:
        run(SUITE, f"sim/mild?seed={seed}", out=Path(folder) / "run")
        return experiment(pd.read_parquet(Path(folder) / "run" / "truth.parquet"))


def drawn(truth: Experiment, rng: np.random.Generator) -> Experiment:
    """The same with verdicts in place of their probabilities."""

    def verdicts(panel: Panel) -> Panel:
        return replace(panel, p=_draw(panel.p, rng))

    arms = {key: verdicts(panel) for key, panel in truth.arms.items()}
    return replace(truth, control=verdicts(truth.control), arms=arms)


def _draw(p: Floats, rng: np.random.Generator) -> Floats:
    below = rng.random(p.shape[:-1])[..., None] > p.cumsum(-1)[..., :2]
    one_hot = np.eye(3)[below.sum(-1)]
    one_hot[np.isnan(p[..., 0])] = np.nan
    return one_hot


def chosen(data: Experiment) -> Iterator[Measurement]:
    """The position effect and all interactions."""
    for m in measurements(data):
        if m.stratum == "all" and m.estimand in {"interaction", POSITION}:
            yield m


def replications(judges: int, draws: int) -> pd.DataFrame:
    """A row for each effect of each draw: its error, and whether the interval holds the truth."""
    rows = []
    for seed in range(judges):
        truth = planted(seed)
        true = {(m.perturbation, m.contrast): point_of(m, truth) for m in chosen(truth)}
        rng = np.random.default_rng(seed)
        for draw in range(draws):
            data = drawn(truth, rng)
            for m in chosen(data):
                key = (m.perturbation, m.contrast)
                found = estimate_of(m, data, SETTINGS)
                if found is None:
                    raise RuntimeError("nothing is missing in what was drawn")
                holds = found.conf_low <= true[key] <= found.conf_high
                rows.append((seed * draws + draw, *key, true[key], found.estimate - true[key], holds))
    return pd.DataFrame(rows, columns=["replication", *KEY, "truth", "error", "holds"])


def summary(found: pd.DataFrame) -> list[tuple[str, ...]]:
    """The rows of the table."""
    errors = found.pivot_table(index="replication", columns=KEY, values="error", sort=False)
    position = errors["position"].iloc[:, 0]
    return [
        (
            *map(str, key), f"{part['truth'].mean():+z.4f}", f"{part['error'].mean():+z.4f}",
            f"{part['error'].sem():.4f}", f"{part['holds'].mean():.1%}", f"{errors[key].corr(position):+z.2f}",
        )
        for key, part in found.groupby(KEY, sort=False)
    ]  # fmt: skip


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--judges", type=int, default=40, help="judges (default 40)")
    parser.add_argument("--draws", type=int, default=50, help="draws of the verdicts of each (default 50)")
    options = parser.parse_args()
    found = replications(options.judges, options.draws)
    print(f"""# Interactions, at many replications

`python benchmarks/interactions.py --judges {options.judges} --draws {options.draws}`: the quickstart suite, 60 items, \
both orders, `sim/mild`.
{machine()}

The controls of an item enter `shown first - shown second` of every cue in one way, whichever response is the target:
as y(first, ab) + y(first, ba) - 1, with a minus. That is twice the item's position effect, so in each set of runs these
rows share minus twice the error of `position`, and several of them are off to the same side, or none is.

{table(HEAD, summary(found))}""")


if __name__ == "__main__":
    main()
