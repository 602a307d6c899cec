"""Variance components of items crossed with wordings, and the share that the wording has."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judgebench.stats.bootstrap import cluster_bootstrap

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CrossedComponents:
    """The variances of y = mean + item + wording + item x wording + rerun, all random.

    Attributes:
        item: Between items.
        wording: Between wordings, the same for all items.
        interaction: Of what a wording does to some items and not to others.
        rerun: Between answers to the same question.
        share: (wording + interaction) / the sum of the four; 0 where nothing varies.
        std_error: Its standard deviation over the draws of the bootstrap.
        conf_low: Its lower limit.
        conf_high: Its upper limit.
        conf_level: Level of the limits.
        n_items: Items.
    """

    item: float
    wording: float
    interaction: float
    rerun: float
    share: float
    std_error: float
    conf_low: float
    conf_high: float
    conf_level: float
    n_items: int


def crossed_components(
    values: npt.ArrayLike,
    *,
    level: float = 0.95,
    n_resamples: int = 2000,
    rng: np.random.Generator | int = 0,
) -> CrossedComponents:
    """Estimate the components by equating mean squares to their expectations, and the wording's share by bootstrap.

    Two-way random effects with replication (Searle, Casella and McCulloch 1992, Variance Components, section 4.6); what
    comes out negative is 0. The limits are percentiles over draws of items: the wordings are those at hand, and the
    claim is about new items under these.

    Args:
        values: (items, wordings, repeats), without gaps; at least two of each.
        level: Level of the limits.
        n_resamples: Draws.
        rng: Generator, or a seed.

    Raises:
        ValueError: The shape is another one, or a value is not finite.
    """
    y = np.asarray(values, dtype=float)
    if y.ndim != 3 or min(y.shape) < 2 or not np.isfinite(y).all():
        raise ValueError("values must be (items, wordings, repeats), finite, at least two of each")
    cells = y.mean(axis=2) - y.mean()
    within = ((y - y.mean(axis=2, keepdims=True)) ** 2).sum(axis=(1, 2))
    columns = np.column_stack([cells, cells.mean(axis=1) ** 2, (cells**2).sum(axis=1), within])

    def components(weights: FloatArray) -> FloatArray:
        return _components(weights @ columns, weights.sum(axis=1), y.shape[1], y.shape[2])

    def share(weights: FloatArray) -> FloatArray:
        found = components(weights)
        total = found.sum(axis=1)
        return np.asarray((found[:, 1] + found[:, 2]) / np.where(total > 0, total, 1.0))

    drawn = cluster_bootstrap(share, y.shape[0], level=level, n_resamples=n_resamples, rng=rng)
    item, wording, interaction, rerun = components(np.ones((1, y.shape[0])))[0]
    return CrossedComponents(
        item=float(item),
        wording=float(wording),
        interaction=float(interaction),
        rerun=float(rerun),
        share=float(drawn.estimate[0]),
        std_error=float(drawn.std_error[0]),
        conf_low=float(drawn.conf_low[0]),
        conf_high=float(drawn.conf_high[0]),
        conf_level=level,
        n_items=y.shape[0],
    )


def _components(totals: FloatArray, items: FloatArray, wordings: int, repeats: int) -> FloatArray:
    """(draws, 4) components from (draws, wordings + 3) totals over items."""
    means = totals[:, :wordings] / items[:, None]
    of_items, of_cells, within = (totals[:, wordings + place] for place in range(3))
    grand = means.mean(axis=1)
    between_items = wordings * repeats * (of_items - items * grand**2)
    between_wordings = items * repeats * ((means - grand[:, None]) ** 2).sum(axis=1)
    between_cells = repeats * (of_cells - items * wordings * grand**2)
    crossed = between_cells - between_items - between_wordings
    df = np.maximum(items - 1, 1)
    ms_item, ms_wording = between_items / df, between_wordings / (wordings - 1)
    ms_crossed = crossed / (df * (wordings - 1))
    ms_rerun = within / (items * wordings * (repeats - 1))
    found = np.column_stack(
        [
            (ms_item - ms_crossed) / (wordings * repeats),
            (ms_wording - ms_crossed) / (items * repeats),
            (ms_crossed - ms_rerun) / repeats,
            ms_rerun,
        ]
    )
    return np.asarray(np.maximum(found, 0.0))
