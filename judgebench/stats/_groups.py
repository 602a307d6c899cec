"""Rows to items to clusters: label coding and group means, without a Python loop over rows."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Bools = NDArray[np.bool_]


class Counted(Protocol):
    """What an estimate tells of the data behind it."""

    @property
    def n_items(self) -> int:
        """Number of items."""

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""

    @property
    def n_rows(self) -> int:
        """Number of rows, which are judgments or judgment pairs."""


@dataclass(frozen=True, slots=True)
class Design:
    """How N rows fall into items, and items into clusters.

    `item` is (N,) with codes 0..n_items-1; `cluster` is (n_items,) with codes 0..n_clusters-1; `sizes` is
    (n_clusters,), the number of items in each cluster.
    """

    item: Codes
    rows: NDArray[np.intp]
    cluster: Codes
    sizes: Floats

    @property
    def n_items(self) -> int:
        """Number of items."""
        return self.rows.size

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return self.sizes.size

    @property
    def n_rows(self) -> int:
        """Number of rows, which are judgments or judgment pairs."""
        return self.item.size

    @property
    def row_copies(self) -> int:
        """The largest number that divides the number of rows of every item."""
        return int(np.gcd.reduce(np.flatnonzero(np.bincount(self.rows))))

    @property
    def kish_clusters(self) -> float:
        """Effective number of clusters, n^2 / sum n_g^2: their number where they are of one size."""
        return float(self.n_items**2 / np.square(self.sizes).sum())

    def item_means(self, x: Floats) -> Floats:
        """Mean of `x`, shape (N,), within each item; shape (n_items,)."""
        return group_sums(x, self.item, self.n_items) / self.rows

    def only(self, rows: Bools) -> tuple["Design", Bools]:
        """The design of some of the rows, and which of the items are in it."""
        left = self.rows - np.bincount(self.item[~rows], minlength=self.n_items)
        present = left > 0
        item, cluster, sizes = self.item[rows], self.cluster, self.sizes
        if not present.all():
            item, left = (np.cumsum(present) - 1)[item], left[present]
            cluster, n_clusters = encode(cluster[present], left.size, "cluster")
            sizes = np.bincount(cluster, minlength=n_clusters).astype(np.float64)
        return Design(item, left, cluster, sizes), present

    def cluster_sums(self, by_item: Floats) -> Floats:
        """Sum of item values, shape (n_items,), within each cluster; shape (n_clusters,)."""
        return group_sums(by_item, self.cluster, self.n_clusters)


def design(item: ArrayLike, cluster: ArrayLike | None, n_rows: int) -> Design:
    """Code the item and cluster labels of `n_rows` rows.

    Raises:
        ValueError: where a length differs, or an item lies in two clusters.
    """
    codes, rows = encode_counted(item, n_rows, "item")
    n_items = rows.size
    if cluster is None:
        return Design(codes, rows, np.arange(n_items), np.ones(n_items))
    by_row, n_clusters = encode(cluster, n_rows, "cluster")
    by_item = np.empty(n_items, dtype=np.intp)
    by_item[codes] = by_row
    if not np.array_equal(by_item[codes], by_row):
        raise ValueError("each item must lie in one cluster, and at least one lies in several")
    return Design(codes, rows, by_item, np.bincount(by_item, minlength=n_clusters).astype(np.float64))


def group_sums(values: Floats, codes: Codes, n_groups: int) -> Floats:
    """Sum of `values`, shape (N,), within each group; shape (n_groups,)."""
    return np.bincount(codes, weights=values, minlength=n_groups).astype(np.float64, copy=False)


def encode(labels: ArrayLike, n_rows: int, name: str) -> tuple[Codes, int]:
    """Codes 0..k-1 of labels of any type, and k.

    Raises:
        ValueError: where `labels` is not one-dimensional with `n_rows` entries.
    """
    codes, counts = encode_counted(labels, n_rows, name)
    return codes, counts.size


def encode_counted(labels: ArrayLike, n_rows: int, name: str) -> tuple[Codes, NDArray[np.intp]]:
    """Codes 0..k-1 of labels of any type, and how many rows have each.

    Raises:
        ValueError: where `labels` is not one-dimensional with `n_rows` entries.
    """
    array = np.asarray(labels)
    if array.shape != (n_rows,):
        raise ValueError(f"{name} must have shape ({n_rows},), not {array.shape}")
    if array.dtype.kind in "iu" and array.min() >= 0 and array.max() < 4 * n_rows:
        # counting beats sorting tenfold where labels are already small integers
        counts = np.bincount(array)
        present = counts > 0
        if present.all():
            return array.astype(np.intp, copy=False), counts
        return (np.cumsum(present) - 1)[array].astype(np.intp, copy=False), counts[present]
    _, codes, counts = np.unique(array, return_inverse=True, return_counts=True)
    return codes.astype(np.intp, copy=False), counts


def outcomes(x: ArrayLike, low: float, high: float, name: str = "x") -> Floats:
    """`x` as a float array, shape (N,), after checking it.

    Raises:
        ValueError: where it is empty, not one-dimensional, not finite, or outside [low, high].
    """
    array = np.asarray(x, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be a non-empty one-dimensional array, not of shape {array.shape}")
    smallest, largest = float(array.min()), float(array.max())
    if not (low <= smallest and largest <= high):
        raise ValueError(
            f"{name} must be finite and in [{low:g}, {high:g}]; it spans [{smallest:g}, {largest:g}]"
        )
    return array


def check_level(level: float) -> None:
    """Refuse a confidence level outside (0, 1).

    Raises:
        ValueError: where it is.
    """
    if not 0 < level < 1:
        raise ValueError(f"the confidence level must lie in (0, 1), not {level:g}")
