"""How often two runs differ in their verdict on the same item in the same order, beyond what either does by itself."""

from __future__ import annotations

import numpy as np

from judgebench.analysis.measurement import Measurement, rows_of
from judgebench.analysis.panels import Bools, Experiment, Floats, Panel
from judgebench.analysis.quantities import Quantity, differs

BIAS = "verdict_change"


def verdict_changes(one: Experiment, two: Experiment) -> tuple[Measurement, ...]:
    """The share of controls whose verdict differs between the runs, and the same minus the runs' own rerun noise.

    The items of the rows are places among `one.items`. The second is missing where neither run asked a control twice,
    in which case a change cannot be told from noise.
    """
    mine, theirs = shared(one, two)
    across, asked = _across(one.control, two.control, mine, theirs)
    changed = Measurement(
        BIAS, "none", "verdict_change", "other run", "proportion", *_rows(across, asked, mine)
    )
    floors = [_rerun(panel, items) for panel, items in ((one.control, mine), (two.control, theirs))]
    known = [floor for floor in floors if floor is not None]
    if not known:
        return (changed,)
    noise, both = _mean(known)
    excess = across - noise
    contrast = "other run - rerun"
    rows = _rows(excess, asked & both, mine)
    return changed, Measurement(BIAS, "none", "excess_verdict_change", contrast, "difference", *rows)


def shared(one: Experiment, two: Experiment) -> tuple[np.ndarray, np.ndarray]:
    """The places of the shared items in either run."""
    place = {item: number for number, item in enumerate(two.items)}
    mine = [number for number, item in enumerate(one.items) if item in place]
    return np.array(mine, dtype=np.int64), np.array([place[one.items[i]] for i in mine], dtype=np.int64)


def _rows(quantity: Quantity, asked: Bools, mine: np.ndarray) -> tuple[Quantity, np.ndarray]:
    rows, item = rows_of(quantity, asked)
    return rows, mine[item]


def _across(one: Panel, two: Panel, mine: np.ndarray, theirs: np.ndarray) -> tuple[Quantity, Bools]:
    """Every repeat of one run against every repeat of the other, averaged; shape (items, orders)."""
    orders = min(one.p.shape[1], two.p.shape[1])
    p, q = one.p[mine, :orders, :, None], two.p[theirs, :orders, None, :]
    asked = np.asarray(one.asked[mine, :orders, :, None] & two.asked[theirs, :orders, None, :])
    shape = (*asked.shape, 3)
    pairs = differs(np.broadcast_to(p, shape), np.broadcast_to(q, shape))
    flat = (len(mine), orders, -1)
    return _flat(pairs, flat).mean(2, asked.reshape(flat)), np.asarray(asked.any(axis=(2, 3)))


def _flat(quantity: Quantity, shape: tuple[int, ...]) -> Quantity:
    return Quantity(*(part.reshape(shape) for part in (quantity.value, quantity.low, quantity.high)))


def _rerun(panel: Panel, items: np.ndarray) -> tuple[Quantity, Bools] | None:
    """The first run of a control against its rerun, shape (items, orders); None without reruns."""
    if panel.asked.shape[2] < 2:
        return None
    p, asked = panel.p[items], panel.asked[items]
    return differs(p[:, :, 0], p[:, :, 1]), np.asarray(asked[:, :, 0] & asked[:, :, 1])


def _mean(floors: list[tuple[Quantity, Bools]]) -> tuple[Quantity, Bools]:
    """The mean of the runs' noise, where all of those that asked again did."""
    orders = min(asked.shape[1] for _, asked in floors)
    parts: list[list[Floats]] = [[q.value, q.low, q.high] for q, _ in floors]
    means = (np.mean([part[k][:, :orders] for part in parts], axis=0) for k in range(3))
    return Quantity(*means), np.asarray(np.logical_and.reduce([asked[:, :orders] for _, asked in floors]))
