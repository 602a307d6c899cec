"""Paired-comparison models, and how much more a judge goes in circles than noise makes it.

Players are integer codes. A comparison is (first, second, outcome): the outcome is 1 where the first-shown
player wins, 0 where the second does, 1/2 for a tie.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse, stats

from judgebench.stats.bootstrap import cluster_bootstrap
from judgebench.stats.logit import BinomialFit, Link, fit_binomial

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PairedComparisonFit:
    """Abilities and covariate effects of a paired-comparison model.

    Attributes:
        abilities: (players,) on the link scale, summing to 0.
        ability_covariance: (players, players).
        effects: (k,) order effect first, where there is one, then the covariates.
        effect_errors: (k,) their standard errors.
        link: "logit" (Bradley-Terry) or "probit" (Thurstone, case V).
        log_likelihood: Without its constant; ties count half a win each way.
        n_comparisons: Comparisons.
    """

    abilities: FloatArray
    ability_covariance: FloatArray
    effects: FloatArray
    effect_errors: FloatArray
    link: Link
    log_likelihood: float
    n_comparisons: int

    def contrast(self, player: int, other: int) -> tuple[float, float]:
        """Return the difference of two abilities and its standard error."""
        direction = np.zeros(self.abilities.size)
        direction[player] += 1
        direction[other] -= 1
        variance = float(direction @ self.ability_covariance @ direction)
        return float(direction @ self.abilities), variance**0.5


@dataclass(frozen=True, slots=True)
class Intransitivity:
    """Cycles among strict triads, beside what a transitive but noisy judge would show.

    Attributes:
        cyclic_share: Cyclic triads over strict triads.
        expected_share: Its mean over Bradley-Terry simulations.
        excess: cyclic_share - expected_share.
        conf_low: Lower limit of the excess over items; nan with one tournament.
        conf_high: Upper limit.
        conf_level: Nominal coverage.
        p_value: Share of the simulations with at least this cyclic share.
        n_triads: Strict triads.
        n_tournaments: Items.
        n_simulations: Simulations behind the expectation.
    """

    cyclic_share: float
    expected_share: float
    excess: float
    conf_low: float
    conf_high: float
    conf_level: float
    p_value: float
    n_triads: int
    n_tournaments: int
    n_simulations: int


@dataclass(frozen=True, slots=True)
class _Comparisons:
    """Checked (n,) arrays."""

    first: IntArray
    second: IntArray
    outcome: FloatArray
    players: int


def _comparisons(first: npt.ArrayLike, second: npt.ArrayLike, outcome: npt.ArrayLike) -> _Comparisons:
    """Check codes and outcomes."""
    a, b = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    y = np.asarray(outcome, dtype=float)
    if a.ndim != 1 or a.shape != b.shape or y.shape != a.shape or a.size == 0:
        raise ValueError("first, second and outcome must be (n,)")
    if (a == b).any() or min(a.min(), b.min()) < 0:
        raise ValueError("a comparison is between two players, coded from 0")
    if not ((y >= 0) & (y <= 1)).all():
        raise ValueError("outcome must lie in [0, 1]")
    return _Comparisons(a, b, y, int(max(a.max(), b.max())) + 1)


def _separated(games: _Comparisons) -> list[int]:
    """Return players outside the chains of wins that finite abilities need (Ford 1957)."""
    winner = np.concatenate([games.first[games.outcome > 0], games.second[games.outcome < 1]])
    loser = np.concatenate([games.second[games.outcome > 0], games.first[games.outcome < 1]])
    graph = sparse.coo_array((np.ones(winner.size), (winner, loser)), shape=(games.players, games.players))
    count, label = sparse.csgraph.connected_components(graph, connection="strong")
    if count == 1:
        return []
    return [int(p) for p in np.flatnonzero(label == np.bincount(label).argmin())]


def _grouped(games: _Comparisons) -> tuple[_Comparisons, FloatArray]:
    """Return one row per ordered pair with its mean outcome, and the number of comparisons behind it."""
    code = games.first * games.players + games.second
    counts = np.bincount(code, minlength=games.players**2)
    wins = np.bincount(code, games.outcome, games.players**2)
    seen = np.flatnonzero(counts)
    mean = wins[seen] / counts[seen]
    first, second = seen // games.players, seen % games.players
    return _Comparisons(first, second, mean, games.players), counts[seen].astype(float)


def _contrasts(games: _Comparisons) -> FloatArray:
    """Return (n, players - 1) columns of +1 and -1; player 0 is the reference."""
    design = np.zeros((games.first.size, games.players))
    rows = np.arange(games.first.size)
    design[rows, games.first] = 1.0
    design[rows, games.second] = -1.0
    return design[:, 1:]


def _sum_to_zero(fit: BinomialFit, players: int) -> tuple[FloatArray, FloatArray]:
    """Turn abilities against player 0 into abilities against the mean, with their covariance."""
    centring = np.vstack([np.zeros(players - 1), np.eye(players - 1)]) - 1 / players
    free = players - 1
    return centring @ fit.coefficients[:free], centring @ fit.bread[:free, :free] @ centring.T


def fit_paired_comparisons(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    outcome: npt.ArrayLike,
    *,
    order_effect: bool = False,
    covariates: npt.ArrayLike | None = None,
    link: Link = "logit",
) -> PairedComparisonFit:
    """Fit a Bradley-Terry (1952) or, with a probit link, a Thurstone (1927) case V model.

    P(first wins) = F(ability_first - ability_second + order effect + covariates @ effects), by maximum
    likelihood (Agresti 2002, section 10.6). Errors are model-based: comparisons count as independent.

    Args:
        first: (n,) player shown first, coded from 0.
        second: (n,) player shown second.
        outcome: (n,) 1, 1/2 or 0.
        order_effect: Whether to fit an advantage of being shown first.
        covariates: (n, k) of the comparison, first minus second, such as a difference in length.
        link: "logit" or "probit".

    Raises:
        ValueError: On malformed input, or where some players never lose to, or never beat, the rest.
    """
    games = _comparisons(first, second, outcome)
    apart = _separated(games)
    if apart:
        raise ValueError(f"players {apart} never lose to, or never beat, the others: no finite abilities")
    extra = None if covariates is None else np.asarray(covariates, dtype=float)
    rows, weights = (games, np.ones(games.first.size)) if extra is not None else _grouped(games)
    columns = [_contrasts(rows)]
    if order_effect:
        columns.append(np.ones((rows.first.size, 1)))
    if extra is not None:
        columns.append(extra.reshape(rows.first.size, -1))
    fit = fit_binomial(np.hstack(columns), rows.outcome, weights, link=link)
    abilities, covariance = _sum_to_zero(fit, games.players)
    free = games.players - 1
    errors = np.sqrt(np.diag(fit.bread)[free:])
    effects = fit.coefficients[free:]
    return PairedComparisonFit(
        abilities, covariance, effects, errors, link, fit.log_likelihood, games.first.size
    )


def _triads(games: _Comparisons, tournament: IntArray, count: int) -> FloatArray:
    """Return (tournaments, 2): cyclic and strict triads of the majority verdicts.

    With A the 0/1 matrix of strict majorities and S = A + A', cycles are tr(A^3) / 3, triads tr(S^3) / 6.
    """
    k = games.players
    cell = (tournament * k + games.first) * k + games.second
    net = np.bincount(cell, 2 * games.outcome - 1, count * k * k).reshape(count, k, k)
    net = net - net.swapaxes(1, 2)
    # Net votes are multiples of 1/2 up to rounding: a tie is 0 only within a tolerance.
    beats = (net > 1e-9).astype(float)
    strict = beats + beats.swapaxes(1, 2)
    cyclic = np.einsum("tij,tji->t", beats @ beats, beats) / 3
    return np.column_stack([cyclic, np.einsum("tij,tji->t", strict @ strict, strict) / 6])


def _share(triads: FloatArray) -> float:
    """Return cyclic over strict triads, nan where there are none."""
    cyclic, strict = triads.sum(axis=0)
    return float(cyclic / strict) if strict else float("nan")


def _finite_fit(games: _Comparisons) -> PairedComparisonFit:
    """Fit Bradley-Terry with an order effect, with a tie for each ordered pair where it is separated."""
    first, second, outcome = games.first, games.second, games.outcome
    if _separated(games):
        a, b = np.nonzero(~np.eye(games.players, dtype=bool))
        first, second = np.concatenate([first, a]), np.concatenate([second, b])
        outcome = np.concatenate([outcome, np.full(a.size, 0.5)])
    return fit_paired_comparisons(first, second, outcome, order_effect=True)


def _simulated(
    games: _Comparisons, fit: PairedComparisonFit, tournament: IntArray, count: int, rng: np.random.Generator
) -> FloatArray:
    """Return the triads of one draw from the fitted model; ties stay where they were."""
    eta = fit.abilities[games.first] - fit.abilities[games.second] + fit.effects[0]
    won = rng.random(eta.size) < stats.logistic.cdf(eta)
    outcome = np.where(games.outcome == 0.5, 0.5, won.astype(float))
    return _triads(_Comparisons(games.first, games.second, outcome, games.players), tournament, count)


def excess_intransitivity(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    outcome: npt.ArrayLike,
    tournament: npt.ArrayLike | None = None,
    *,
    level: float = 0.95,
    n_simulations: int = 500,
    n_resamples: int = 2000,
    rng: np.random.Generator | int = 0,
) -> Intransitivity:
    """Return the cyclic share of strict triads minus its Bradley-Terry expectation.

    A noisy judge goes in circles without being intransitive, so the share is compared with simulations from
    the fitted Bradley-Terry model with an order effect (a parametric bootstrap). The interval draws items,
    with the fitted model held. Where a player has no finite ability, the model gets a tie more for each pair.

    Args:
        first: (n,) player shown first, coded from 0.
        second: (n,) player shown second.
        outcome: (n,) 1, 1/2 or 0.
        tournament: (n,) item in which the comparison was made; triads lie within items. Default: one.
        level: Nominal coverage.
        n_simulations: Draws from the model.
        n_resamples: Bootstrap draws of items.
        rng: Generator, or a seed.

    Raises:
        ValueError: On malformed input, or where there is no strict triad.
    """
    games = _comparisons(first, second, outcome)
    labels = np.zeros(games.first.size) if tournament is None else np.asarray(tournament)
    codes = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    count = int(codes.max()) + 1
    seen = _triads(games, codes, count)
    if not seen[:, 1].any():
        raise ValueError("there is no triad of strict verdicts")
    fit = _finite_fit(games)
    generator = np.random.default_rng(rng)
    draws = [_simulated(games, fit, codes, count, generator) for _ in range(n_simulations)]
    return _summary(seen, draws, level, n_resamples, generator)


def summarised_triads(
    first: IntArray,
    second: IntArray,
    outcome: FloatArray,
    simulated: list[FloatArray],
    tournament: IntArray,
    *,
    level: float,
    n_resamples: int,
    rng: np.random.Generator,
) -> Intransitivity:
    """Return the cyclic share of strict triads minus that of simulated outcomes of the same comparisons.

    Args:
        first: (n,) player shown first, coded from 0.
        second: (n,) player shown second.
        outcome: (n,) 1, 1/2 or 0.
        simulated: Outcomes, each (n,).
        tournament: (n,) codes of the items, from 0 upwards without a gap.
        level: Nominal coverage.
        n_resamples: Bootstrap draws of items.
        rng: Generator.

    Raises:
        ValueError: On malformed input, or where there is no strict triad.
    """
    count = int(tournament.max()) + 1
    seen, *draws = [_triads(_comparisons(first, second, y), tournament, count) for y in (outcome, *simulated)]
    if not seen[:, 1].any():
        raise ValueError("there is no triad of strict verdicts")
    return _summary(seen, draws, level, n_resamples, rng)


def _summary(
    seen: FloatArray, draws: list[FloatArray], level: float, n_resamples: int, rng: np.random.Generator
) -> Intransitivity:
    """Return the excess from the (tournaments, 2) triads of the data and of each simulation."""
    shares = np.array([_share(d) for d in draws])
    totals = np.hstack([seen, np.mean(draws, axis=0)])
    low, high = _excess_interval(totals, level, n_resamples, rng)
    observed, expected = _share(seen), _share(totals[:, 2:])
    return Intransitivity(
        cyclic_share=observed,
        expected_share=expected,
        excess=observed - expected,
        conf_low=low,
        conf_high=high,
        conf_level=level,
        p_value=float((1 + (shares >= observed - 1e-12).sum()) / (1 + len(draws))),
        n_triads=round(float(seen[:, 1].sum())),
        n_tournaments=seen.shape[0],
        n_simulations=len(draws),
    )


def _excess_interval(
    totals: FloatArray, level: float, n_resamples: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return percentile limits of the excess over items; nan with fewer than two."""
    if totals.shape[0] < 2:
        return float("nan"), float("nan")

    def excess(weights: FloatArray) -> FloatArray:
        cyclic, strict, simulated, simulated_strict = (weights @ totals).T
        observed = cyclic / np.where(strict > 0, strict, np.nan)
        return np.asarray(observed - simulated / np.where(simulated_strict > 0, simulated_strict, np.nan))

    result = cluster_bootstrap(excess, totals.shape[0], level=level, n_resamples=n_resamples, rng=rng)
    return float(result.conf_low[0]), float(result.conf_high[0])
