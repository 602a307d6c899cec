"""The correlation of two measures of items whose interval allows for clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from judgebench.stats import cluster_bootstrap, clustered_correlation


def clustered(n_clusters: int, size: int, rho: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Normal measures, half of whose variance the clusters share, correlated by `rho` at both levels."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(n_clusters), size)
    shape = np.array([[1.0, rho], [rho, 1.0]])
    between, within = (rng.multivariate_normal([0, 0], shape, size=k) for k in (n_clusters, cluster.size))
    x, y = (np.sqrt(0.5) * (between[cluster] + within)).T
    return x, y, cluster


def test_the_estimate_is_pearsons_and_for_independent_points_the_interval_is_nearly_fishers() -> None:
    x, y, _ = clustered(4000, 1, 0.4, 1)
    found, usual = clustered_correlation(x, y), stats.pearsonr(x, y)
    low, high = usual.confidence_interval()
    assert found.estimate == pytest.approx(usual.statistic)
    assert (found.conf_low, found.conf_high) == pytest.approx((low, high), abs=1.5e-3)


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_the_standard_error_of_clusters_is_that_of_the_bootstrap_by_cluster(rho: float) -> None:
    x, y, cluster = clustered(150, 4, rho, 2)
    columns = np.column_stack([np.ones_like(x), x, y, x * x, y * y, x * y])
    totals = np.stack([np.bincount(cluster, column) for column in columns.T], axis=1)

    def r(weights: np.ndarray) -> np.ndarray:
        n, sx, sy, xx, yy, xy = (weights @ totals).T
        return (n * xy - sx * sy) / np.sqrt((n * xx - sx**2) * (n * yy - sy**2))

    drawn = cluster_bootstrap(r, 150, n_resamples=4000, rng=3)
    assert clustered_correlation(x, y, cluster).std_error == pytest.approx(drawn.std_error[0], rel=0.06)


def test_copies_of_items_in_their_cluster_make_the_interval_no_narrower() -> None:
    x, y, _ = clustered(60, 1, 0.3, 4)
    once = clustered_correlation(x, y)
    thrice = clustered_correlation(np.tile(x, 3), np.tile(y, 3), np.tile(np.arange(60), 3))
    assert (thrice.conf_low, thrice.conf_high) == pytest.approx((once.conf_low, once.conf_high))
    assert (thrice.n_items, thrice.n_clusters) == (180, 60)


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.5])
@pytest.mark.parametrize("thirds", [False, True])
def test_intervals_hold_the_truth_with_few_clusters_and_with_few_values(rho: float, *, thirds: bool) -> None:
    cuts = [-0.5, 0.5]
    truth = rho
    if thirds:
        truth = float(
            np.corrcoef(*(np.digitize(values, cuts) for values in clustered(10**6, 1, rho, 5)[:2]))[0, 1]
        )
    held = []
    for seed in range(2000):
        x, y, cluster = clustered(30, 3, rho, 10 + seed)
        if thirds:
            x, y = np.digitize(x, cuts).astype(float), np.digitize(y, cuts).astype(float)
        found = clustered_correlation(x, y, cluster)
        held.append(found.conf_low <= truth <= found.conf_high)
    assert 0.93 <= np.mean(held) <= 0.975


@pytest.mark.parametrize(
    ("x", "y", "cluster", "message"),
    [
        ([1, 2, 3, 4], [1, 2, 3], None, "of one shape"),
        ([1, 2, 3, np.inf], [1, 2, 3, 5], None, "finite"),
        ([1, 1, 1, 1], [1, 2, 3, 5], None, "does not vary"),
        ([1, 2, 3, 5], [2, 4, 6, 10], None, "on a line"),
        ([1, 2, 3, 5], [2, 1, 6, 7], [0, 0, 1, 2], "four clusters"),
    ],
)
def test_what_has_no_correlation_is_refused(
    x: list[float], y: list[float], cluster: list[int] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        clustered_correlation(x, y, cluster)
