"""The effects table of a record that may be too long to hold: part by part, in memory that does not grow with it.

The same measurements as for any run are taken from each part, and kept as sums; what comes out is the table of
`judgebench.analysis.effects.effects` to rounding. Slopes alone (on a dose, or on whether the target wins) are not
estimated from sums: their rows are kept, so that a record of an experiment does take memory for each changed item.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.effects import decided, groups_of, is_invariance, names_of, undecided
from judgebench.analysis.estimands import measurements
from judgebench.analysis.estimates import estimated, numbers, with_mcnemar
from judgebench.analysis.joint import simultaneous_row
from judgebench.analysis.measurement import ALL, CHECKED, STRICT, Measurement
from judgebench.analysis.moderators import MIN_STRATUM
from judgebench.analysis.panels import Change, Experiment, Floats, Ints, Panel, experiment
from judgebench.analysis.parts import Parts
from judgebench.analysis.quantities import Quantity
from judgebench.analysis.schema import GROUP_COLUMNS
from judgebench.analysis.settings import Settings
from judgebench.stats import (
    CrossTally,
    Estimate,
    Tally,
    tallied_bounds,
    tallied_effect,
    tallied_proportion,
    tallied_simultaneous,
)

Group = tuple[str, ...]
"""Suite, judge, protocol and mitigation."""
Name = tuple[str, ...]
"""Bias, perturbation, estimand, contrast and stratum."""

_SLOPES: Final = frozenset({"trend", "slope"})
_TARGETS: Final = ("a", "b")


def long_effects(parts: Parts, settings: Settings, failed: Collection[Change] | None = None) -> pd.DataFrame:
    """The effects table of a record in parts.

    Args:
        parts: The judgments.
        settings: Margin, levels, clusters, and which effects are confirmatory.
        failed: The changes whose manipulation check failed; None where that is not known.

    Raises:
        InputError: The judgments contradict each other.
    """
    sums = _Sums(parts.kinds, settings)
    for part in parts:
        sums.add(part, failed)
    return decided(list(sums.rows()), settings)


@dataclass(slots=True)
class _Kept:
    """One measurement over the parts.

    Attributes:
        like: The measurement without its rows.
        seen: Of the values that were seen.
        least: Of all rows, what is missing being the least that it could be.
        greatest: Likewise the greatest.
        n_missing: Rows without a value.
        rows: Of a slope: the measurements themselves, item codes the record's.
    """

    like: Measurement
    seen: Tally = field(default_factory=Tally)
    least: Tally = field(default_factory=Tally)
    greatest: Tally = field(default_factory=Tally)
    n_missing: int = 0
    rows: list[Measurement] = field(default_factory=list)

    def add(self, m: Measurement, cluster: Ints | None) -> None:
        """Take a part; `cluster` holds the code of each item's."""
        q = m.quantity
        seen = ~np.isnan(q.value)
        complete = bool(seen.all())
        values, items = (q.value, m.item) if complete else (q.value[seen], m.item[seen])
        part = _tally(values, items, cluster, self.seen)
        self.seen.merge(part)
        self.least.merge(part if complete else _tally(q.low, m.item, cluster, self.least))
        self.greatest.merge(part if complete else _tally(q.high, m.item, cluster, self.greatest))
        self.n_missing += int(np.count_nonzero(~seen))

    def numbers(self, settings: Settings) -> dict[str, Any]:
        """As `judgebench.analysis.estimates.numbers`."""
        found = estimated(self.estimate(self.seen, settings.level), settings)
        limits = (
            (found["conf_low"], found["conf_high"]) if not self.n_missing else self.bounds(settings.level)
        )
        return {
            "unit": "proportion" if self.like.kind == "proportion" else self.like.unit,
            **found,
            "n_missing": self.n_missing,
            "bound_low": limits[0],
            "bound_high": limits[1],
        }

    def estimate(self, tally: Tally, level: float) -> Estimate | None:
        """The estimate from some completion; None where there are no rows."""
        if not tally.n_rows:
            return None
        if self.like.kind == "proportion":
            return tallied_proportion(tally, level=level)
        found = tallied_effect(tally, scale=self.like.scale, bound=self.like.bound, level=level)
        counted = self.like.kind == "discordance" and tally.whole
        return with_mcnemar(found, tally.positive, tally.negative) if counted else found

    def bounds(self, level: float) -> tuple[float, float]:
        """The interval that holds whatever the missing verdicts are."""
        if self.like.kind == "proportion":
            low, high = (self.estimate(tally, level) for tally in (self.least, self.greatest))
            return (math.nan, math.nan) if low is None or high is None else (low.conf_low, high.conf_high)
        scales = {"scale": self.like.scale, "bound": self.like.bound}
        found = tallied_bounds(self.least, self.greatest, self.n_missing, level=level, **scales)
        return found.conf_low, found.conf_high


def _tally(x: Floats, item: Ints, cluster: Ints | None, beside: Tally) -> Tally:
    return Tally.of(x, item, None if cluster is None else cluster[item], beside=beside)


@dataclass(slots=True)
class _Group:
    """The measurements of one suite, judge, protocol and mitigation, in the order of the tables."""

    kept: dict[Name, _Kept] = field(default_factory=dict)
    order: list[Name] = field(default_factory=list)
    n_items: int = 0
    clusters: list[Ints] = field(default_factory=list)
    data: Experiment | None = None

    def add(self, data: Experiment, cluster: Ints | None) -> dict[Name, Measurement]:
        """Take a part; returns what it measures."""
        found, place = {tuple(names_of(m).values()): m for m in measurements(data)}, 0
        for name, m in found.items():
            if name not in self.kept:  # after what comes before it in this part
                self.order.insert(place, name)
                self.kept[name] = _Kept(_emptied(m))
            place = self.order.index(name) + 1
            self._take(self.kept[name], m, cluster)
        if cluster is not None:
            self.clusters.append(cluster)
        self.n_items += len(data.items)
        self.data = data
        return found

    def _take(self, kept: _Kept, m: Measurement, cluster: Ints | None) -> None:
        if m.kind in _SLOPES:
            kept.rows.append(replace(m, item=m.item + self.n_items))
        else:
            kept.add(m, cluster)

    def finished(self) -> Iterator[tuple[_Kept, Measurement | None]]:
        """What the table tells, in its order, slopes with all their rows."""
        blocks: dict[Name, list[Name]] = {}
        for name in filter(self._is_told, self.order):
            blocks.setdefault(_block(name), []).append(name)
        for block, names in blocks.items():
            for name in _large(self.kept, names) if block != names[0] else names:
                kept = self.kept[name]
                yield kept, _joined(kept.rows) if kept.rows else None

    def _is_told(self, name: Name) -> bool:
        kept = self.kept[name]
        if kept.rows:
            return _is_large(_joined(kept.rows))
        if name[-1] in {STRICT, CHECKED}:  # told where it is not all
            whole = self.kept[*name[:-1], ALL]
            return 0 < kept.least.n_rows < whole.least.n_rows
        return kept.least.n_rows > 0

    def numbers(self, m: Measurement, settings: Settings) -> dict[str, Any]:
        """Those of a slope, on all its rows."""
        if self.data is None:
            raise ValueError("no part was taken")
        cluster = np.concatenate(self.clusters) if self.clusters else np.arange(self.n_items)
        return numbers(m, replace(self.data, cluster=cluster), settings)


def _block(name: Name) -> Name:
    """What strata of one kind have in common; any other name by itself."""
    what, separator, _ = name[-1].partition(": ")
    return (*name[:-1], what) if separator and what in {"category", "source"} else name


def _large(kept: Mapping[Name, _Kept], names: Sequence[Name]) -> list[Name]:
    """The strata with enough items, by name; none where there is just one."""
    large = sorted(name for name in names if kept[name].least.n_items >= MIN_STRATUM)
    return large if len(large) > 1 else []


def _emptied(m: Measurement) -> Measurement:
    none = np.empty(0)
    return replace(m, quantity=Quantity(none, none, none), item=np.empty(0, dtype=np.int64), regressor=None)


def _joined(rows: Sequence[Measurement]) -> Measurement:
    whole = (np.concatenate([getattr(m.quantity, name) for m in rows]) for name in ("value", "low", "high"))
    return replace(
        rows[0],
        quantity=Quantity(*whole),
        item=np.concatenate([m.item for m in rows]),
        regressor=np.concatenate([m.regressor for m in rows if m.regressor is not None]),
    )


def _is_large(m: Measurement) -> bool:
    """Whether there are rows, and for an interaction enough items on each side."""
    if m.estimand != "interaction" or m.regressor is None:
        return bool(m.item.size)
    sides = (m.item[m.regressor > 0], m.item[m.regressor <= 0])
    return min(np.unique(side).size for side in sides) >= MIN_STRATUM


class _Sums:
    """All measurements of a record, part by part."""

    def __init__(self, kinds: pd.DataFrame, settings: Settings) -> None:
        self._settings = settings
        named = kinds.dropna(subset=list(GROUP_COLUMNS))
        self._groups = {group: _Group() for group in _tuples(named[list(GROUP_COLUMNS)])}
        self._arms = {
            group: [(p, arm, _TARGETS.index(t)) for p, arm, t in _arms(rows)]
            for group, rows in ((key, named[_matches(named, key)]) for key in self._groups)
        }
        self._sources: dict[str, int] = {}
        self._families: dict[str, list[tuple[Group, Name]]] = {}
        self._cross: dict[str, CrossTally] = {}

    def add(self, part: pd.DataFrame, failed: Collection[Change] | None) -> None:
        """Take the rows of items of which no row was taken before."""
        primary: dict[str, dict[tuple[Group, Name], tuple[Measurement, Experiment]]] = {}
        for names, rows in groups_of(part):
            group = tuple(names.values())
            found = experiment(rows, cluster=self._settings.cluster, failed=failed)
            data = replace(found, part=True, arms=self._all_arms(found, group))
            measured = self._groups[group].add(data, self._clusters(data))
            for name, m in measured.items():
                if self._is_confirmatory(m):
                    primary.setdefault(names["judge"], {})[group, name] = m, data
        for judge, members in primary.items():
            self._add_products(judge, members)

    def _all_arms(self, data: Experiment, group: Group) -> dict[tuple[str, str, int], Panel]:
        """Every arm of the record, empty where this part has none of it."""
        control = data.control
        none = Panel(
            np.full_like(control.p, np.nan), np.zeros_like(control.asked), np.zeros_like(control.failed)
        )
        return {key: data.arms.get(key, none) for key in self._arms[group]}

    def _clusters(self, data: Experiment) -> Ints | None:
        """The cluster of each item, coded alike in all parts; None where items are their own."""
        if self._settings.cluster == "item":
            return None
        names = (*data.source.names, "")
        codes = [self._sources.setdefault(name, len(self._sources)) for name in names]
        return np.array(codes, dtype=np.int64)[data.cluster]

    def _is_confirmatory(self, m: Measurement) -> bool:
        return m.primary and is_invariance(m.bias) and self._settings.is_confirmatory(m.bias, m.perturbation)

    def _add_products(
        self, judge: str, members: Mapping[tuple[Group, Name], tuple[Measurement, Experiment]]
    ) -> None:
        family = self._families.setdefault(judge, [])
        family += [key for key in members if key not in family]
        if self._settings.cluster != "item" or len(members) < 2:
            return  # by source, the sums of the clusters tell
        codes, items = pd.factorize(np.concatenate([data.items for _, data in members.values()]))
        ends = np.cumsum([len(data.items) for _, data in members.values()])[:-1]
        means = np.full((len(family), len(items)), np.nan)
        for (key, (m, data)), code in zip(members.items(), np.split(codes, ends), strict=True):
            means[family.index(key), code] = _item_means(m, len(data.items))
        self._cross.setdefault(judge, CrossTally()).add(means)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of the table, simultaneous ones last."""
        for group, sums in self._groups.items():
            names = dict(zip(GROUP_COLUMNS, group, strict=True))
            for kept, slope in sums.finished():
                m = kept.like
                found = kept.numbers(self._settings) if slope is None else sums.numbers(slope, self._settings)
                primary = m.primary and is_invariance(m.bias)
                yield {**names, **names_of(m), **found, **undecided(primary=primary)}
        for judge in self._families:
            yield from self._simultaneous(judge)

    def _simultaneous(self, judge: str) -> Iterator[dict[str, Any]]:
        """As `judgebench.analysis.joint.simultaneous_rows`."""
        family = [(group, self._groups[group].kept[name]) for group, name in self._families[judge]]
        tallies = [kept.seen for _, kept in family]
        known = [place for place, tally in enumerate(tallies) if tally.n_rows]
        if len(known) < 2:
            return
        cross = self._cross.get(judge, CrossTally())
        estimates = tallied_simultaneous(tallies, cross, known, level=self._settings.level)
        level = 1 - (1 - self._settings.level) / len(known)
        for place, estimate in zip(known, estimates, strict=True):
            group, kept = family[place]
            row = {
                **dict(zip(GROUP_COLUMNS, group, strict=True)),
                **names_of(kept.like),
                **kept.numbers(self._settings),
                **undecided(primary=False),
            }
            yield simultaneous_row(row, kept.like, estimate, kept.bounds(level) if kept.n_missing else None)


def _item_means(m: Measurement, n_items: int) -> Floats:
    """The mean of each item's rows that were seen, shape (items,); NaN where there are none."""
    seen = ~np.isnan(m.quantity.value)
    counts = np.bincount(m.item[seen], minlength=n_items)
    sums = np.bincount(m.item[seen], m.quantity.value[seen], minlength=n_items)
    return np.asarray(np.divide(sums, counts, out=np.full(n_items, np.nan), where=counts > 0))


def _tuples(table: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(dict.fromkeys(tuple(map(str, row)) for row in table.itertuples(index=False, name=None)))


def _matches(table: pd.DataFrame, group: Group) -> pd.Series[bool]:
    return (table[list(GROUP_COLUMNS)].astype(str) == list(group)).all(axis=1)


def _arms(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    """Perturbation, arm and target of all that was changed."""
    changed = rows[(rows["arm"] != "control") & rows["target"].isin(_TARGETS)]
    return _tuples(changed[["perturbation", "arm", "target"]])
