"""Is noise called a circle no more often than it may be, and is a judge that goes in circles found out?

    python benchmarks/circles.py --replications 200 > benchmarks/circles.md

Judges compare every two responses of 40 items in both orders, twice, with an advantage of the first place. Those that
are noisy and no more have an order of their own for each item; one has a taste that goes round.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from markdown_page import machine, table
from numpy.typing import NDArray

from judgebench.stats import excess_cycles

ITEMS, FIRST = 40, 0.3
NOMINAL, ALPHA = 0.025, 0.05
EFFORT = {"n_simulations": 100, "n_resamples": 400}
"""Of each run; a fifth of what an audit takes."""

Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]


@dataclass(frozen=True)
class Design:
    """A judge: how good it holds responses to be, in logits of shape (items, players), and how much it goes round."""

    name: str
    players: int
    ability: Draw
    circle: float = 0.0

    @property
    def transitive(self) -> bool:
        """Whether it has an order of its own."""
        return self.circle == 0


def normal(sd: float, best: float = 0.0, players: int = 4) -> Draw:
    """Normal abilities, the first response better than the others by `best`."""

    def draw(rng: np.random.Generator, items: int) -> NDArray[np.float64]:
        found = rng.normal(0, sd, (items, players))
        found[:, 0] += best
        return found

    return draw


def two_kinds(rng: np.random.Generator, items: int) -> NDArray[np.float64]:
    """Two good responses and two bad ones, those of a kind nearly alike: nothing like a normal distribution."""
    return np.array([1.0, 1.0, -1.0, -1.0]) + rng.normal(0, 0.1, (items, 4))


DESIGNS = (
    Design("four responses, sd 1.2", 4, normal(1.2)),
    Design("four responses, hardly told apart (sd 0.3)", 4, normal(0.3)),
    Design("four responses, sd 0.7, one better by 1.5", 4, normal(0.7, 1.5)),
    Design("four responses of two kinds", 4, two_kinds),
    Design("three responses, sd 1.2", 3, normal(1.2, players=3)),
    Design("goes round (1 logit), sd 0.3", 4, normal(0.3), circle=1.0),
)


@dataclass(frozen=True)
class Cell:
    """What came of a design.

    Attributes:
        design: The judge.
        excess: The estimates of all runs, shape (runs,).
        apart: Whether the interval lies above 0, shape (runs,).
        small: Whether the p-value is under 5 %, shape (runs,).
    """

    design: Design
    excess: NDArray[np.float64]
    apart: NDArray[np.bool_]
    small: NDArray[np.bool_]

    @property
    def calibrated(self) -> bool:
        """Whether noise is called a circle no more often than it may be, Monte Carlo error granted."""
        runs = self.apart.size
        return all(
            bool(found.mean() <= nominal + 3 * np.sqrt(nominal * (1 - nominal) / runs))
            for found, nominal in ((self.apart, NOMINAL), (self.small, ALPHA))
        )


def games(design: Design, rng: np.random.Generator) -> tuple[NDArray[np.int64], ...]:
    """First and second player, outcome and item of every comparison."""
    both = [p for one, two in combinations(range(design.players), 2) for p in ((one, two), (two, one))]
    pairs = np.array([p for p in both for _ in range(2)])
    ability = design.ability(rng, ITEMS)
    item = np.repeat(np.arange(ITEMS), len(pairs))
    first, second = np.tile(pairs.T, ITEMS)
    step = (second - first) % design.players
    turn = np.where(step == 1, 1.0, np.where(step == design.players - 1, -1.0, 0.0))
    eta = ability[item, first] - ability[item, second] + FIRST + design.circle * turn
    return first, second, (rng.random(eta.size) < 1 / (1 + np.exp(-eta))).astype(np.int64), item


def measure(design: Design, replications: int, seed: int) -> Cell:
    """Many runs of a design."""
    rng = np.random.default_rng([seed, DESIGNS.index(design)])
    runs = [excess_cycles(*games(design, rng), rng=rng, **EFFORT) for _ in range(replications)]
    return Cell(
        design,
        np.array([run.excess for run in runs]),
        np.array([run.conf_low > 0 for run in runs]),
        np.array([run.p_value < ALPHA for run in runs]),
    )


def page(cells: Sequence[Cell], replications: int) -> str:
    """The page."""
    error = 100 * np.sqrt(NOMINAL * (1 - NOMINAL) / replications)
    noisy = [cell for cell in cells if cell.design.transitive]
    met = all(cell.calibrated for cell in noisy)
    found = all(cell.apart.mean() > 0.8 for cell in cells if not cell.design.transitive)
    rows = [
        (
            cell.design.name,
            f"{100 * cell.excess.mean():+.2f} ± {100 * cell.excess.std(ddof=1) / np.sqrt(replications):.2f}",
            f"{100 * cell.apart.mean():.1f}%",
            f"{100 * cell.small.mean():.1f}%",
        )
        for cell in cells
    ]
    head = ("judge", "mean excess, points", "interval above 0", "p < .05")
    return f"""# Circles beyond noise

`python benchmarks/circles.py --replications {replications}`: {ITEMS} items, both orders, asked twice;
100 simulated judges and 400 resamples a run.
Monte Carlo error of a share near 2.5 %: {error:.1f} points; that of a mean stands behind it.
{machine()}

Asked: a noisy judge that has an order of its own has its interval above 0 in 2.5 % of runs at most, and p < .05 in
5 %, three Monte Carlo errors granted. {_said(met=met)} A judge that goes round is found out in 80 % of runs.
{_said(met=found)}

{table(head, rows)}
"""


def _said(*, met: bool) -> str:
    return "Met." if met else "Not met."


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    cells = [measure(design, given.replications, given.seed) for design in DESIGNS]
    print(page(cells, given.replications), end="")


if __name__ == "__main__":
    main()
