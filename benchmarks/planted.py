"""Does the whole pipeline find what was planted, and nothing else?

Runs the quickstart suite many times, from the rendered prompt to the effects table: against a judge without biases,
to count family-wise false positives, and against one with planted biases, to count how often each interval holds the
truth.

    python benchmarks/planted.py --null 200 --planted 400 > benchmarks/planted.md

Each run has another judge: its tastes (which response it likes better, beyond gold) and its draws are new.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd
from markdown_page import machine, table
from scipy.stats import binom

from judgebench.audit import run
from judgebench.stats import wilson

SUITE = Path(__file__).parent.parent / "suites" / "quickstart.yaml"
KEY = ["bias", "perturbation", "estimand", "contrast", "stratum"]
NAMES = ["perturbation", "estimand", "contrast"]
ALPHA = 0.05
NULL_HEAD = ("effect", "mean estimate", "its interval excludes 0", "called biased", "called equivalent")
PLANTED_HEAD = (*NAMES, "mean estimate", "truth", "holds, this judge", "holds, all judges")


def one(preset: str, seed: int) -> pd.DataFrame:
    """The effects of one run, each with its truth."""
    with tempfile.TemporaryDirectory() as folder:
        done = run(SUITE, f"sim/{preset}?seed={seed}", out=Path(folder) / "run")
        truth = done.truth()
        if truth is None:
            raise RuntimeError("a simulated judge states its truth")
        return done.effects().merge(truth[[*KEY, "truth"]], on=KEY).assign(seed=seed)


def runs(preset: str, count: int, processes: int) -> pd.DataFrame:
    """The effects of many runs, the seeds being 0, 1, 2, ..."""
    with ProcessPoolExecutor(processes) as pool:
        return pd.concat(pool.map(partial(one, preset), range(count)), ignore_index=True)


def false_positives(effects: pd.DataFrame) -> tuple[int, int]:
    """(runs in which any confirmatory effect is called biased, runs)."""
    biased = (effects["decision"] == "biased").groupby(effects["seed"]).any()
    return int(biased.sum()), biased.size


def decisions(effects: pd.DataFrame) -> pd.DataFrame:
    """For each confirmatory effect: the mean estimate, how often its own interval excludes 0, and each decision."""
    shown = effects[effects["decision"].notna()].copy()
    shown["excludes"] = (shown["conf_low"] > 0) | (shown["conf_high"] < 0)
    for decision in ("biased", "equivalent"):
        shown[decision] = shown["decision"] == decision
    columns = ["estimate", "excludes", "biased", "equivalent"]
    return shown.groupby(NAMES, sort=False)[columns].mean().reset_index()


def coverage(effects: pd.DataFrame) -> pd.DataFrame:
    """For each effect of all items: the mean estimate, the truth, and how often the interval holds it."""
    shown = effects[(effects["stratum"] == "all") & effects["truth"].notna()].copy()
    shown["population"] = shown.groupby(KEY)["truth"].transform("mean")
    for name in ("truth", "population"):
        shown[f"holds_{name}"] = shown[name].between(shown["conf_low"], shown["conf_high"])
    columns = ["estimate", "population", "holds_truth", "holds_population"]
    return shown.groupby(NAMES, sort=False)[columns].mean().reset_index()


def null_section(effects: pd.DataFrame) -> str:
    """What a judge without biases is accused of."""
    found, total = false_positives(effects)
    rate = wilson(found, total)
    rows = [
        (r.perturbation, f"{r.estimate:+z.4f}", f"{r.excludes:.1%}", f"{r.biased:.1%}", f"{r.equivalent:.1%}")
        for r in decisions(effects).itertuples()
    ]
    return f"""## A judge without biases (`sim/null`)

{found} of {total} runs call any confirmatory effect biased: {rate.estimate:.1%} [{rate.conf_low:.1%}, \
{rate.conf_high:.1%}]; alpha is {ALPHA:.0%}.

{table(NULL_HEAD, rows)}
"""


def planted_section(effects: pd.DataFrame) -> str:
    """How often the interval of each effect holds its truth."""
    found, total = coverage(effects), effects["seed"].nunique()
    least = binom.ppf(0.01, total, 0.95) / total
    this, everyone = found["holds_truth"], found["holds_population"]
    rows = [
        (
            *(r.perturbation, r.estimand, r.contrast, f"{r.estimate:+z.4f}", f"{r.population:+z.4f}"),
            *(f"{r.holds_truth:.1%}", f"{r.holds_population:.1%}"),
        )
        for r in found.itertuples()
    ]
    return f"""## A judge with planted biases (`sim/mild`)

`this judge` is the truth for that run's judge on these items; `all judges` is its mean over the runs, the truth about
judges like these, which is the harder one to hold. With {total} runs, an interval that covers 95 % is seen below
{least:.1%} one time in a hundred.

The rows of a run share its controls, so their errors go together: `shown first - shown second` of every cue has minus
twice the error of `position` in it (`python benchmarks/interactions.py` shows that no row is off by itself).

Over the {len(found)} effects, `this judge` is held {this.mean():.1%} of the time (least: {this.min():.1%}), \
`all judges` {everyone.mean():.1%} (least: {everyone.min():.1%}).

{table(PLANTED_HEAD, rows)}
"""


def main() -> None:
    """Print both sections as Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--null", type=int, default=200, help="runs without biases (default 200)")
    parser.add_argument("--planted", type=int, default=400, help="runs with planted biases (default 400)")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="default: one for each core")
    options = parser.parse_args()
    print("# Planted truth through the whole pipeline\n")
    print(
        f"`python benchmarks/planted.py --null {options.null} --planted {options.planted}`: the quickstart suite, "
        "60 items, both orders."
    )
    print(f"{machine()}\n")
    print(null_section(runs("null", options.null, options.processes)))
    print(planted_section(runs("mild", options.planted, options.processes)))


if __name__ == "__main__":
    main()
