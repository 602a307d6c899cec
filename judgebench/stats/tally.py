"""Sums from which the estimates of a long record follow: it is gone through item by item, and never held.

Each estimate is that of the function that takes arrays (`paired_effect`, `proportion`, `worst_case_bounds`,
`simultaneous_effects`), to rounding.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from judgebench.stats._effective import bounded_size, copies
from judgebench.stats._groups import Codes, Floats, check_level, encode_counted, group_sums
from judgebench.stats._student import t_critical
from judgebench.stats.bounds import bounds_between
from judgebench.stats.clustered import mean_variance
from judgebench.stats.ct import ScoreInputs, report
from judgebench.stats.proportions import Sample, wilson_of
from judgebench.stats.results import Bounds, Estimate
from judgebench.stats.simultaneous import jointly


@dataclass(slots=True)
class Tally:
    """What was seen of some quantity, added up over items.

    Attributes:
        n_items: Items.
        n_rows: Rows.
        up: Sum over items of the mean of max(x, 0).
        down: Sum over items of the mean of max(-x, 0).
        positive: Rows above 0, where all rows are whole.
        negative: Rows below 0, likewise.
        whole: Whether all rows are -1, 0 or 1.
        mean: Mean over items of their means.
        squares: Sum of squares of the items' means about it.
        sizes: Items in each cluster, shape (clusters,); empty where items are their own.
        sums: Sums of the means of the items in each cluster, same shape.
        same_rows: The largest number of which the rows of every item are a multiple.
        copies: The largest number of which every value comes a multiple of times in every item.
    """

    n_items: int = 0
    n_rows: int = 0
    up: float = 0.0
    down: float = 0.0
    positive: int = 0
    negative: int = 0
    whole: bool = True
    mean: float = 0.0
    squares: float = 0.0
    sizes: Floats = field(default_factory=lambda: np.empty(0))
    sums: Floats = field(default_factory=lambda: np.empty(0))
    same_rows: int = 0
    copies: int = 0

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return int(np.count_nonzero(self.sizes)) if self.sizes.size else self.n_items

    @classmethod
    def of(
        cls, x: Floats, item: Codes, cluster: Codes | None = None, *, beside: "Tally | None" = None
    ) -> "Tally":
        """The tally of some items.

        Args:
            x: The quantity, finite, shape (rows,).
            item: Codes of the items, same shape.
            cluster: Codes of the clusters, same shape; None where items are their own.
            beside: What it is to be merged into: what cannot change there is not looked for.
        """
        if not x.size:
            return cls()
        codes, rows = encode_counted(item, x.size, "item")
        means = group_sums(x, codes, rows.size) / rows
        up = group_sums(np.maximum(x, 0), codes, rows.size) / rows
        mean, raised = float(means.mean()), float(up.sum())
        same_rows = int(np.gcd.reduce(rows))
        # a value comes as often in every item as divides the item's rows
        alone = same_rows == 1 or (beside is not None and beside.copies == 1)
        whole = (beside is None or beside.whole) and bool(((x == 0) | (np.abs(x) == 1)).all())
        found = cls(
            n_items=rows.size,
            n_rows=x.size,
            up=raised,
            down=max(raised - mean * rows.size, 0.0),  # rounding
            positive=int(np.count_nonzero(x > 0)) if whole else 0,
            negative=int(np.count_nonzero(x < 0)) if whole else 0,
            whole=whole,
            mean=mean,
            squares=float(np.square(means - mean).sum()),
            same_rows=same_rows,
            copies=1 if alone else copies(x, codes),
        )
        if cluster is not None:
            of_item = np.empty(rows.size, dtype=np.intp)
            of_item[codes] = cluster
            found.sizes = np.bincount(of_item).astype(np.float64)
            found.sums = np.bincount(of_item, means).astype(np.float64)
        return found

    def merge(self, other: "Tally") -> None:
        """Take the tally of other items; means and squares by Chan, Golub and LeVeque (1983), Am. Statistician 37(3).

        Codes of clusters mean the same in both.
        """
        n = self.n_items + other.n_items
        if not other.n_items:
            return
        gap = other.mean - self.mean
        self.squares += other.squares + gap**2 * self.n_items * other.n_items / n
        self.mean += gap * other.n_items / n
        self.n_items, self.n_rows = n, self.n_rows + other.n_rows
        self.up, self.down = self.up + other.up, self.down + other.down
        self.positive, self.negative = self.positive + other.positive, self.negative + other.negative
        self.whole = self.whole and other.whole
        self.same_rows = math.gcd(self.same_rows, other.same_rows)
        self.copies = math.gcd(self.copies, other.copies)
        if self.sizes.size or other.sizes.size:
            self.sizes, self.sums = _summed(self.sizes, other.sizes), _summed(self.sums, other.sums)

    def scores(self) -> Floats:
        """Sums of the residuals in each cluster, shape (clusters,); 0 in one without items."""
        return self.sums - self.sizes * self.mean

    def variance(self) -> tuple[float, float]:
        """CR2 variance of the mean, and its degrees of freedom; in closed form where items are their own clusters."""
        if self.sizes.size:
            held = self.sizes > 0
            return mean_variance(self.scores()[held], self.sizes[held])
        if self.n_items == 1:
            return math.nan, 0.0
        return self.squares / (self.n_items * (self.n_items - 1)), self.n_items - 1.0

    def effective_size(self, binary: float, variance: float, most: float) -> float:
        """As `judgebench.stats._effective.effective_size`."""
        return bounded_size(
            binary,
            variance,
            self.n_items**2 / float(np.square(self.sizes).sum()) if self.sizes.size else self.n_items,
            lambda: most * self.n_rows / self.same_rows,
            lambda: most * (self.n_rows // self.copies),
        )

    def score_inputs(self, bound: float) -> ScoreInputs:
        """As `judgebench.stats.ct.score_inputs`, of the quantity over its bound."""
        up, down = self.up / self.n_items / bound, self.down / self.n_items / bound
        variance, df = self.variance()
        variance /= bound**2
        pairs = self.effective_size(up + down - (up - down) ** 2, variance, most=4.0)
        return ScoreInputs(up, down, pairs, variance, df)


def tallied_effect(tally: Tally, *, scale: float = 1.0, level: float = 0.95, bound: float = 1.0) -> Estimate:
    """The estimate of `paired_effect` against 0.

    Raises:
        ValueError: The level is outside (0, 1).
    """
    check_level(level)
    inputs = tally.score_inputs(bound)
    critical = t_critical(level, inputs.df) if inputs.df > 0 else math.inf
    return report(inputs, tally, critical, unit=scale * bound, level=level)


def tallied_proportion(tally: Tally, *, level: float = 0.95) -> Estimate:
    """The estimate of `proportion`; the rows lie in [0, 1].

    Raises:
        ValueError: The level is outside (0, 1).
    """
    check_level(level)
    share = min(tally.mean, 1.0)
    variance, df = tally.variance()
    size = tally.effective_size(share * (1 - share), variance, most=1.0)
    return wilson_of(Sample(share, size, variance, df, tally), level)


def tallied_bounds(
    least: Tally,
    greatest: Tally,
    n_missing: int,
    *,
    scale: float = 1.0,
    level: float = 0.95,
    bound: float = 1.0,
) -> Bounds:
    """The bounds of `worst_case_bounds` from both completions of all rows.

    Raises:
        ValueError: The level is outside (0, 1).
    """
    check_level(level)
    inputs = least.score_inputs(bound), greatest.score_inputs(bound)
    return bounds_between(*inputs, least, n_missing, unit=scale * bound, level=level)


class CrossTally:
    """Products of the items' means of several quantities, from which the correlation of their estimates follows."""

    def __init__(self) -> None:
        self._shared, self._sums, self._products = np.zeros((0, 0)), np.zeros((0, 0)), np.zeros((0, 0))

    def add(self, means: Floats) -> None:
        """Take the means of items that were not taken before, shape (quantities, items), NaN where there is none.

        A later call may have more quantities, the new ones last.
        """
        seen = (~np.isnan(means)).astype(np.float64)
        known = np.where(seen > 0, means, 0.0)
        self._shared = _summed(self._shared, seen @ seen.T)
        self._sums = _summed(
            self._sums, known @ seen.T
        )  # of the first quantity over the items that have both
        self._products = _summed(self._products, known @ known.T)

    def correlation(self, tallies: Sequence[Tally], places: Sequence[int]) -> Floats:
        """Correlation of the effects at some places, shape (k, k); those without variance count as uncorrelated.

        Args:
            tallies: Those of all quantities.
            places: Which of them.
        """
        mean = np.array([tally.mean for tally in tallies])
        none = np.zeros((mean.size, mean.size))
        shared, sums, products = (_summed(none, part) for part in (self._shared, self._sums, self._products))
        cross = products - mean[:, None] * sums.T - sums * mean[None, :] + shared * np.outer(mean, mean)
        np.fill_diagonal(cross, [tally.squares for tally in tallies])
        return _correlation(np.asarray(cross[np.ix_(places, places)]))


def _summed(one: Floats, other: Floats) -> Floats:
    """The sum of two arrays, the shorter one ending in zeros."""
    shape = [max(sizes) for sizes in zip(one.shape, other.shape, strict=True)]
    found = np.zeros(shape)
    for part in (one, other):
        found[tuple(map(slice, part.shape))] += part
    return found


def _correlation(cross: Floats) -> Floats:
    norm = np.sqrt(np.maximum(np.diag(cross), 0.0))
    scale = np.outer(norm, norm)
    found = np.divide(cross, scale, out=np.zeros_like(cross), where=scale > 0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def tallied_simultaneous(
    tallies: Sequence[Tally], cross: CrossTally, places: Sequence[int], *, level: float = 0.95
) -> tuple[Estimate, ...]:
    """The estimates of `simultaneous_effects`, of quantities in [-1, 1].

    Args:
        tallies: Those of all quantities; clusters mean the same in all of them.
        cross: Their products; looked at where items are their own clusters.
        places: Which quantities are looked at together, one at least.
        level: Of all intervals at once.

    Raises:
        ValueError: The level is outside (0, 1).
    """
    check_level(level)

    def correlation(known: Sequence[int]) -> Floats:
        chosen = [places[j] for j in known]
        if not tallies[chosen[0]].sizes.size:
            return cross.correlation(tallies, chosen)
        size = max(tallies[j].sizes.size for j in chosen)
        scores = [np.pad(tallies[j].scores(), (0, size - tallies[j].sizes.size)) for j in chosen]
        return _correlation(np.asarray(np.array(scores) @ np.array(scores).T))

    inputs = [tallies[j].score_inputs(1.0) for j in places]
    return jointly(inputs, [tallies[j] for j in places], correlation, unit=1.0, level=level)
