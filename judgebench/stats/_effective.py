"""How many independent binary outcomes a clustered sample is worth."""

import math
from collections.abc import Callable

import numpy as np

from judgebench.stats._groups import Codes, Design, Floats

_SAMPLE = 64
"""Items that are looked at first: where a few of them hold no copies, all of them cannot."""


def effective_size(binary: float, variance: float, x: Floats, groups: Design, most: float) -> float:
    """Number of independent binary outcomes whose mean would have this variance.

    `binary` is the variance that one such outcome would have, `variance` that of the mean of `x`, shape (N,).
    Never below the effective number of clusters, and at most `most` times the rows, each whole copy of the
    data counted once. That ceiling is reached as clusters come to differ: where m = clusters x `binary` of
    them do, it stands m / (1 + m) of the way up from the number of clusters. Where nothing varies nothing but
    that number is known, and probabilities that all but agree (a judge sure of itself) are hardly better:
    rare large changes may be unseen.
    """
    return bounded_size(
        binary,
        variance,
        groups.kish_clusters,
        lambda: most * groups.n_rows / groups.row_copies,
        lambda: most * _independent_rows(x, groups),
    )


def bounded_size(
    binary: float, variance: float, floor: float, least: Callable[[], float], top: Callable[[], float]
) -> float:
    """The size of `effective_size` between a floor and a ceiling.

    `top` gives the ceiling where enough clusters differ, `least` what that is at least, which is quicker to tell.
    """
    if math.isnan(variance) or binary <= floor * variance:
        return floor
    differing = floor * binary
    rise = differing / (1 + differing)
    if binary <= _ceiling(floor, least(), rise) * variance:
        return binary / variance
    ceiling = _ceiling(floor, top(), rise)
    return ceiling if binary >= ceiling * variance else binary / variance


def _ceiling(floor: float, top: float, rise: float) -> float:
    return floor + (top - floor) * rise


def _independent_rows(x: Floats, groups: Design) -> int:
    """Number of rows once whole copies of the data are counted once.

    If every value of every item occurs a multiple of g times, the sample may be g copies of a smaller one
    (repeats of a deterministic judge), and copies carry no information.
    """
    if groups.row_copies == 1:
        return groups.n_rows
    some = np.flatnonzero(groups.item < _SAMPLE)
    if copies(x[some], groups.item[some]) == 1:
        return groups.n_rows
    return int(groups.n_rows // copies(x, groups.item))


def copies(x: Floats, item: Codes) -> int:
    """The largest g of which the number of times that any item has any value is a multiple."""
    order = np.lexsort((x, item))
    value, owner = x[order], item[order]
    starts = np.flatnonzero((value[1:] != value[:-1]) | (owner[1:] != owner[:-1])) + 1
    return int(np.gcd.reduce(np.diff(starts, prepend=0, append=x.size)))
