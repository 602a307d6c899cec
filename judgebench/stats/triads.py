"""Whether a judge goes in circles more than its noise makes it, where every item has responses of its own.

Abilities belong to one item each, and a few comparisons are too few to fit them one by one: fitted abilities would lie
further apart than the true ones, and noise would pass for circles. So they are draws from one normal distribution.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from judgebench.stats.bradley_terry import Intransitivity, summarised_triads

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Link = Literal["logit", "probit"]

NODES = 31
LARGEST = 4.0
PROBIT = 1.7
STEPS = 25


@dataclass(frozen=True, slots=True)
class RandomAbilities:
    """A Bradley-Terry model whose abilities are draws from N(0, sd^2).

    Attributes:
        sd: Standard deviation of the abilities, in logits.
        order_effect: Advantage of being shown first, in logits.
        log_likelihood: Of the pairs, each by itself.
    """

    sd: float
    order_effect: float
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class _Games:
    """Checked (n,) arrays and their sizes."""

    first: IntArray
    second: IntArray
    outcome: FloatArray
    item: IntArray
    players: int
    items: int


def _games(
    first: npt.ArrayLike, second: npt.ArrayLike, outcome: npt.ArrayLike, tournament: npt.ArrayLike
) -> _Games:
    one, two = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    y = np.asarray(outcome, dtype=float)
    item = np.unique(np.asarray(tournament), return_inverse=True)[1].astype(np.int64)
    if one.ndim != 1 or not one.shape == two.shape == y.shape == item.shape or not y.size:
        raise ValueError("first, second, outcome and tournament must be (n,)")
    if (one == two).any() or min(one.min(), two.min()) < 0 or not np.isin(y, (0.0, 0.5, 1.0)).all():
        raise ValueError("a comparison is between two players, coded from 0, with the outcome 0, 1/2 or 1")
    return _Games(one, two, y, item, int(max(one.max(), two.max())) + 1, int(item.max()) + 1)


def fit_random_abilities(
    first: npt.ArrayLike, second: npt.ArrayLike, outcome: npt.ArrayLike, tournament: npt.ArrayLike
) -> RandomAbilities:
    """Fit a Bradley-Terry model with normal abilities of each tournament's own players.

    By the likelihood of each pair with its difference integrated out (Gauss-Hermite), pairs taken as independent: a
    composite likelihood (Varin, Reid and Firth 2011, Statistica Sinica 21). What tells the spread is how often one pair
    gets the same verdict again, and not whether verdicts on several pairs fit together.

    Args:
        first: (n,) player shown first, coded from 0.
        second: (n,) player shown second.
        outcome: (n,) 1 where the first wins, 0 where the second does, 1/2 for a tie.
        tournament: (n,) to which item the players belong.

    Raises:
        ValueError: On malformed input.
    """
    return _fitted(_games(first, second, outcome, tournament))


def _fitted(games: _Games) -> RandomAbilities:
    low, high = np.minimum(games.first, games.second), np.maximum(games.first, games.second)
    pair = np.unique((games.item * games.players + low) * games.players + high, return_inverse=True)[1]
    won = np.where(games.first == low, games.outcome, 1 - games.outcome)
    sides = [games.first == low, games.first != low]
    wins = [np.bincount(pair, won * side)[:, None] for side in sides]
    losses = [np.bincount(pair, (1 - won) * side)[:, None] for side in sides]
    points, weights = np.polynomial.hermite_e.hermegauss(NODES)
    logs = np.log(weights / weights.sum())

    def negative(values: FloatArray) -> float:
        difference = np.sqrt(2.0) * np.exp(np.clip(values[0], -LARGEST, LARGEST)) * points
        total = logs
        for sign, gained, lost in zip((1.0, -1.0), wins, losses, strict=True):
            eta = difference + sign * values[1]
            total = total - gained * np.logaddexp(0, -eta) - lost * np.logaddexp(0, eta)
        return -float(np.logaddexp.reduce(total, axis=1).sum())

    best = optimize.minimize(
        negative, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6}
    )
    sd = float(np.exp(np.clip(best.x[0], -LARGEST, LARGEST)))
    return RandomAbilities(sd, float(best.x[1]), -float(best.fun))


def excess_cycles(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    outcome: npt.ArrayLike,
    tournament: npt.ArrayLike,
    *,
    level: float = 0.95,
    n_simulations: int = 500,
    n_resamples: int = 2000,
    rng: np.random.Generator | int = 0,
) -> Intransitivity:
    """Return the cyclic share of strict triads minus its expectation under Bradley-Terry with random abilities.

    As `excess_intransitivity`, where each tournament has players of its own. Each simulation draws abilities and
    verdicts of the same design from the fitted model; ties stay where they were.

    Args:
        first: (n,) player shown first, coded from 0 within its tournament.
        second: (n,) player shown second.
        outcome: (n,) 1, 1/2 or 0.
        tournament: (n,) item.
        level: Nominal coverage.
        n_simulations: Draws from the model.
        n_resamples: Bootstrap draws of items.
        rng: Generator, or a seed.

    Raises:
        ValueError: On malformed input, or where there is no strict triad.
    """
    games = _games(first, second, outcome, tournament)
    model, generator = _fitted(games), np.random.default_rng(rng)
    draws = [_drawn(games, model, generator) for _ in range(n_simulations)]
    return summarised_triads(
        games.first, games.second, games.outcome, draws, games.item, level=level, n_resamples=n_resamples,
        rng=generator,
    )  # fmt: skip


def _drawn(games: _Games, model: RandomAbilities, rng: np.random.Generator) -> FloatArray:
    """The outcomes of one draw from the model."""
    ability = rng.normal(0.0, model.sd, (games.items, games.players))
    eta = ability[games.item, games.first] - ability[games.item, games.second] + model.order_effect
    won = rng.random(eta.size) < stats.logistic.cdf(eta)
    return np.where(games.outcome == 0.5, 0.5, won.astype(float))


def held_out_agreement(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    outcome: npt.ArrayLike,
    tournament: npt.ArrayLike,
    *,
    link: Link = "logit",
) -> tuple[FloatArray, IntArray]:
    """Return how often abilities from all other pairs of an item name the winner of a pair that they have not seen.

    Abilities are posterior modes under the fitted spread: Bradley-Terry (`logit`), or Thurstone's (1927) case V
    (`probit`), whose spread is that of the logit over 1.7. Strict verdicts only; abilities that are equal count half.

    Args:
        first: (n,) player shown first, coded from 0 within its tournament.
        second: (n,) player shown second.
        outcome: (n,) 1, 1/2 or 0.
        tournament: (n,) item.
        link: The model.

    Returns:
        (pairs,) shares, and (pairs,) codes of their items in sorted order of the labels.

    Raises:
        ValueError: On malformed input.
    """
    games = _games(first, second, outcome, tournament)
    prior = (_fitted(games).sd / (PROBIT if link == "probit" else 1.0)) ** -2
    won = np.zeros((games.items, games.players, games.players))
    np.add.at(won, (games.item, games.first, games.second), games.outcome == 1)
    np.add.at(won, (games.item, games.second, games.first), games.outcome == 0)
    shares, items = [], []
    for one in range(games.players):
        for other in range(one + 1, games.players):
            count = won[:, one, other] + won[:, other, one]
            seen = np.flatnonzero(count)
            rest = won[seen].copy()
            rest[:, one, other] = rest[:, other, one] = 0
            mode = _modes(rest, prior, link)
            lead = np.sign(np.round(mode[:, one] - mode[:, other], 9))
            share = won[seen, one, other] / count[seen]
            shares.append(0.5 + lead * (share - 0.5))
            items.append(seen)
    return np.concatenate(shares), np.concatenate(items).astype(np.int64)


def _modes(won: FloatArray, prior: float, link: Link) -> FloatArray:
    """(items, players) posterior modes by Fisher scoring; won is (items, players, players)."""
    family = stats.logistic if link == "logit" else stats.norm
    count, eye = won + won.swapaxes(1, 2), np.eye(won.shape[1])
    mode = np.zeros(won.shape[:2])
    for _ in range(STEPS):
        eta = np.clip(mode[:, :, None] - mode[:, None, :], -8, 8)
        chance, density = family.cdf(eta), family.pdf(eta)
        weight = density / (chance * (1 - chance))
        score = ((won - count * chance) * weight).sum(axis=2) - prior * mode
        each = count * density * weight
        information = eye * (each.sum(axis=2) + prior)[:, :, None] - each
        mode = mode + np.linalg.solve(information, score[:, :, None])[:, :, 0]
    return mode
