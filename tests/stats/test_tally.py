"""Estimates from sums against those from arrays, however the items are split."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import (
    CrossTally,
    Tally,
    paired_effect,
    proportion,
    simultaneous_effects,
    tallied_bounds,
    tallied_effect,
    tallied_proportion,
    tallied_simultaneous,
    worst_case_bounds,
)

KINDS = st.sampled_from(["counts", "halves", "numbers", "constant", "copies"])


def values(rng: np.random.Generator, kind: str, size: int) -> np.ndarray:
    match kind:
        case "counts":
            return rng.choice([-1.0, 0.0, 1.0], size)
        case "halves":
            return rng.choice([-1.0, -0.5, 0.0, 0.5, 1.0], size)
        case "constant":
            return np.full(size, 0.5)
        case _:
            return rng.uniform(-1, 1, size)


def sample(seed: int, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, items and clusters of the rows; items of one to three rows."""
    rng = np.random.default_rng(seed)
    item = np.repeat(np.arange(int(rng.integers(1, 40))), 1 if kind == "counts" else int(rng.integers(1, 4)))
    x = values(rng, kind, item.size)
    if kind == "copies":
        x, item = np.tile(x, 2), np.tile(item, 2)
    return x, item, rng.integers(0, 4, 40)[item]


def tally(x: np.ndarray, item: np.ndarray, cluster: np.ndarray | None, parts: int) -> Tally:
    whole = Tally()
    for part in range(parts):
        rows = item % parts == part
        whole.merge(Tally.of(x[rows], item[rows], None if cluster is None else cluster[rows]))
    return whole


def same(found: Any, wanted: Any) -> None:
    for name, value in asdict(wanted).items():
        got = getattr(found, name)
        assert (
            got == value
            if isinstance(value, str)
            else got == pytest.approx(value, rel=1e-9, abs=1e-11, nan_ok=True)
        ), name


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), kind=KINDS, parts=st.integers(1, 5), clustered=st.booleans())
def test_effects_proportions_and_bounds_are_those_of_the_arrays(
    seed: int, kind: str, parts: int, clustered: bool
) -> None:
    x, item, cluster = sample(seed, kind)
    labels = cluster if clustered else None
    found = tally(x, item, labels, parts)
    same(tallied_effect(found, scale=0.5), paired_effect(x, item, labels, scale=0.5))
    same(tallied_effect(found, bound=2.0, level=0.9), paired_effect(x, item, labels, bound=2.0, level=0.9))
    share = (x + 1) / 2
    same(tallied_proportion(tally(share, item, labels, parts)), proportion(share, item, labels))
    low, high = np.where(x > 0.4, -1.0, x), np.where(x > 0.4, 1.0, x)
    seen = np.where(x > 0.4, np.nan, x)
    wanted = worst_case_bounds(seen, low, high, item, labels)
    pair = tally(low, item, labels, parts), tally(high, item, labels, parts)
    same(tallied_bounds(*pair, int(np.isnan(seen).sum())), wanted)


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), parts=st.integers(1, 4), clustered=st.booleans())
def test_simultaneous_intervals_are_those_of_the_arrays(seed: int, parts: int, clustered: bool) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 30))
    cluster = rng.integers(0, 4, n)
    common = rng.choice([-1.0, 0.0, 1.0], n)
    effects = [np.where(rng.random(n) < 0.5, common, rng.choice([-1.0, 0.0, 1.0], n)) for _ in range(3)]
    kept = [rng.random(n) < 0.8 for _ in effects]
    kept[0][:] = True
    for mask in kept:
        mask[0] = True
    items = [np.flatnonzero(mask) for mask in kept]
    x = [effect[mask] for effect, mask in zip(effects, kept, strict=True)]
    nests = [cluster[item] for item in items] if clustered else None
    wanted = simultaneous_effects(x, items, nests)
    pairs = zip(x, items, strict=True)
    tallies = [tally(v, item, cluster[item] if clustered else None, parts) for v, item in pairs]
    cross = CrossTally()
    means = np.array([np.where(mask, effect, np.nan) for effect, mask in zip(effects, kept, strict=True)])
    for part in range(parts):
        cross.add(means[:, np.arange(n) % parts == part])
    for found, one in zip(tallied_simultaneous(tallies, cross, [0, 1, 2]), wanted, strict=True):
        # the critical value is integrated over directions that a sign of an eigenvector turns round
        assert found.conf_low == pytest.approx(one.conf_low, abs=3e-3)
        assert found.conf_high == pytest.approx(one.conf_high, abs=3e-3)
        assert (found.estimate, found.p_value) == (pytest.approx(one.estimate), pytest.approx(one.p_value))


@given(seed=st.integers(0, 10**6), parts=st.integers(1, 4))
def test_correlations_are_those_of_the_arrays(seed: int, parts: int) -> None:
    rng = np.random.default_rng(seed)
    means = rng.choice([-1.0, -0.5, 0.0, 0.5, 1.0], (3, 25))
    means[1, :5], means[2, 20:] = np.nan, np.nan
    cross = CrossTally()
    for part in range(parts):
        cross.add(means[:, np.arange(25) % parts == part])
    tallies = [Tally.of(row[~np.isnan(row)], np.flatnonzero(~np.isnan(row))) for row in means]
    centred = means - np.nanmean(means, axis=1, keepdims=True)
    sums = np.nan_to_num(centred) @ np.nan_to_num(centred).T
    wanted = sums / np.sqrt(np.outer(np.diag(sums), np.diag(sums)))
    np.testing.assert_allclose(cross.correlation(tallies, [0, 1, 2]), wanted, atol=1e-10)


def test_the_closed_form_of_items_by_hand() -> None:
    # four items with means 1, 0, 0, -1/2: mean 1/8, squares about it 1.1875, so a variance of 1.1875 / 12
    found = Tally.of(np.array([1.0, 0.0, 0.0, -1.0, 0.0]), np.array([0, 1, 2, 3, 3]))
    variance, df = found.variance()
    assert (found.mean, found.squares) == (pytest.approx(0.125), pytest.approx(1.1875))
    assert (variance, df) == (pytest.approx(1.1875 / 12), 3.0)
    assert (found.positive, found.negative, found.whole, found.n_rows) == (1, 1, True, 5)


def test_nothing_merged_is_nothing() -> None:
    found = Tally()
    found.merge(Tally.of(np.empty(0), np.empty(0, dtype=np.int64)))
    assert (found.n_items, found.n_rows, found.n_clusters) == (0, 0, 0)
