"""Is a judge that reacts to one cue caught by that cue's row of the core suite, and by no other?

    python benchmarks/cue_matrix.py > benchmarks/cue_matrix.md

Each simulated judge reacts to exactly one thing and finds it in the rendered prompt, as a real one would. It is caught
by a row where the row is decided to be biased and, if there is a placebo, there is an effect beyond the placebo
(Bonferroni over the rows, as there are many chances).
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

from judgebench.audit import run

ALPHA = 0.05
SUITE = Path(__file__).parent.parent / "suites" / "core.yaml"
JUDGES = {
    "none": "sim/null",
    "position": "sim/null?position=0.8",
    "length": "sim/null?length=1.5",
    **{
        cue: f"sim/null?{cue}=1.2"
        for cue in (
            "format", "authority", "bandwagon", "distraction", "superficial_reflection", "sentiment",
            "model_name", "sycophancy",
        )
    },
}  # fmt: skip


def effects_of(judge: str, *, limit: int | None = None, seed: int = 0) -> pd.DataFrame:
    """The effects of the core suite on one simulated judge."""
    mark = "&" if "?" in judge else "?"
    with tempfile.TemporaryDirectory() as folder:
        return run(SUITE, f"{judge}{mark}seed={seed}", out=Path(folder) / "run", limit=limit).effects()


def rows(effects: pd.DataFrame) -> pd.DataFrame:
    """For each bias of the suite: its largest estimate in size, and whether its row catches the judge."""
    shown = effects[(effects["stratum"] == "all") & (effects["bias"] != "positive_control")]
    main = shown[
        shown["estimand"].isin(["target_preference", "first_preference"]) & shown["decision"].notna()
    ]
    net = shown[shown["contrast"] == "treatment - placebo"].set_index("perturbation")
    clear = dict(net["p_value"] < ALPHA / len(net))
    main = main.assign(
        caught=[
            row["decision"] == "biased" and clear.get(row["perturbation"], True) for _, row in main.iterrows()
        ]
    )
    largest = main.loc[main.groupby("bias", sort=False)["estimate"].apply(lambda e: e.abs().idxmax())]
    return largest.set_index("bias")[["estimate"]].assign(caught=main.groupby("bias")["caught"].any())


def matrix(limit: int | None, processes: int) -> dict[str, pd.DataFrame]:
    """The rows of every judge."""
    with ProcessPoolExecutor(processes) as pool:
        found = pool.map(partial(effects_of, limit=limit), JUDGES.values())
        return {name: rows(effects) for name, effects in zip(JUDGES, found, strict=True)}


def page(found: dict[str, pd.DataFrame]) -> str:
    """The matrix in Markdown: judges down, rows of the suite across, effects in points."""
    biases = list(next(iter(found.values())).index)
    lines = []
    for judge, its in found.items():
        cells = [
            f"**{its.loc[b, 'estimate'] * 100:+.1f}**"
            if its.loc[b, "caught"]
            else f"{its.loc[b, 'estimate'] * 100:+.1f}"
            for b in biases
        ]
        lines.append((judge, *cells))
    head = ("reacts to", *(bias.replace("_", " ") for bias in biases))
    wrong = [
        f"{judge} by {bias}"
        for judge, its in found.items()
        for bias in biases
        if bool(its.loc[bias, "caught"]) != (bias == judge)
    ]
    said = "Every judge is caught by its own row and by no other." if not wrong else (
        f"Not as it should be: {', '.join(wrong)}.")  # fmt: skip
    return (
        "# One judge, one cue, one row\n\n"
        "Each line is a simulated judge that reacts to exactly one thing; each column a row of `suites/core.yaml`, in "
        "points. Bold: the row catches the judge (decided to be biased and, where there is a placebo, with an effect "
        "beyond the placebo, by Bonferroni over the rows).\n\n"
        f"{table(head, lines)}\n\n{said}\n\nMade by `python benchmarks/cue_matrix.py` on {machine()}\n"
    )


def main() -> None:
    """Run all judges and print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=None, help="items; the suite's by default")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    given = parser.parse_args()
    print(page(matrix(given.limit, given.processes)), end="")


if __name__ == "__main__":
    main()
