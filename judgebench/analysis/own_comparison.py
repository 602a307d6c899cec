"""A target author against opponents: what a judge's verdicts on their pairs come to, beside gold and a panel."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from judgebench.analysis.authored_pairs import Pairs
from judgebench.analysis.estimates import estimated, numbers
from judgebench.analysis.measurement import Kind, Measurement, rows_of, stacked
from judgebench.analysis.panels import Bools, Experiment, Floats, Ints
from judgebench.analysis.quantities import Quantity, differs, wins
from judgebench.analysis.settings import Settings
from judgebench.stats import Estimate, TripleDifference, gold_regression, panel_regression, triple_difference

LABELS: Final = ("model_name@true", "model_name@swapped")
"""The arms in which a response is said to be by its author, or by the other one."""
_NOTHING: Final = 1e-9
"""A standard error that is none: where all points lie on the line, nothing says how far it could be off."""
NOT_MATCHED: Final = "no pairs of other authors with a panel to match with"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A target author against an opponent, or all of them, on a task, or all of them.

    Attributes:
        data: The judgments.
        pairs: What is known of the items.
        own: The items of the comparison.
        other: The items of unrelated authors that they may be matched with.
        bias: The bias that it is about.
        opponent: The opponent, or `all`.
        stratum: The task, or `all`.
        settings: Level and clusters.
        split: What verdicts count that change with the order.
    """

    data: Experiment
    pairs: Pairs
    own: Bools
    other: Bools
    bias: str
    opponent: str
    stratum: str
    settings: Settings
    split: str

    def rows(self) -> list[dict[str, Any]]:
        """An effect an estimand; those without what they need are left out."""
        gold, panel = self.pairs.gold, self.pairs.panel
        share = self.own_wins().each(lambda y: 2 * y - 1)
        by_gold, by_panel = (self._less(values) for values in (gold, panel))
        found = [
            self.measured("raw", "own - 1/2", share, self.own, scale=0.5),
            self.measured("dbg", "own by judge - own by gold", by_gold, self._known(gold)),
            self.measured("judge_minus_panel", "own by judge - own by panel", by_panel, self._known(panel)),
            self._gap(),
            self._consistency(),
        ]
        found += [self._label(), self._regression(), self._adjusted(), self._panel_regression()]
        return [row for row in found if row is not None]

    def behind(self) -> dict[str, Any]:
        """What stands behind the adjusted estimate."""
        told = {"bias": self.bias, "perturbation": self.opponent, "stratum": self.stratum}
        matched = self._against_panel()
        return told | ({"balance": asdict(matched.balance)} if matched else {"why_not_adjusted": NOT_MATCHED})

    def own_wins(self) -> Quantity:
        """The target's win in every trial, shape (items, orders, repeats)."""
        p = self.data.control.p
        turned = np.where((self.pairs.target == 1)[:, None, None, None], p[..., [1, 0, 2]], p)
        won = wins(turned, 0)
        if self.split == "half":
            return won
        changed = differs(p[:, 0], p[:, 1]).value[:, None, :] > 0.5
        return won.each(lambda y: np.where(changed, 0.0, y))

    def _known(self, values: Floats) -> Bools:
        return np.asarray(self.own & ~np.isnan(values))

    def _less(self, values: Floats) -> Quantity:
        """The target's win less what others say of it."""
        return self.own_wins().each(lambda y: y - values[:, None, None])

    def measured(
        self, estimand: str, contrast: str, quantity: Quantity, chosen: Bools, *, scale: float = 1.0,
        kind: Kind = "difference", asked: Bools | None = None,
    ) -> dict[str, Any] | None:  # fmt: skip
        """A mean over the trials of the chosen items."""
        asked = self.data.control.asked if asked is None else asked
        rows, item = rows_of(quantity, np.asarray(asked & chosen.reshape(-1, *[1] * (asked.ndim - 1))))
        if not item.size:
            return None
        m = Measurement(
            self.bias, self.opponent, estimand, contrast, kind, rows, item, self.stratum, scale=scale
        )
        return self.named(estimand, contrast) | numbers(m, *self.clustered())

    def clustered(self) -> tuple[Experiment, Settings]:
        """Pairs of one prompt depend on each other, unless whole sources do."""
        if self.settings.cluster == "source":
            return self.data, self.settings
        return replace(self.data, cluster=self.pairs.prompt), replace(self.settings, cluster="source")

    def named(self, estimand: str, contrast: str) -> dict[str, Any]:
        """What tells a row from the others."""
        return {
            "bias": self.bias, "perturbation": self.opponent, "estimand": estimand, "contrast": contrast,
            "stratum": self.stratum,
        }  # fmt: skip

    def _gap(self) -> dict[str, Any] | None:
        """How much better the target's responses are, by gold."""
        gold = 2 * self.pairs.gold - 1
        known = self._known(gold)
        quantity = Quantity(gold, gold, gold)
        return self.measured("own_quality_gap", "own by gold - 1/2", quantity, known, scale=0.5, asked=known)

    def _consistency(self) -> dict[str, Any] | None:
        """How often both orders have one verdict."""
        control = self.data.control
        changed = differs(control.p[:, 0], control.p[:, 1])
        same = Quantity(1 - changed.value, 1 - changed.high, 1 - changed.low)
        asked = np.asarray(control.asked[:, 0] & control.asked[:, 1])
        return self.measured("order_consistency", "ab = ba", same, self.own, kind="proportion", asked=asked)

    def _label(self) -> dict[str, Any] | None:
        """What it does to a response to be called the target author's rather than the other's, whoever wrote it."""
        parts = []
        for side in (0, 1):
            true, swapped = (self.data.arms.get((name, "treatment", side)) for name in LABELS)
            if true is None or swapped is None:
                continue
            shared = slice(min(true.asked.shape[2], swapped.asked.shape[2]))
            right, wrong = (wins(panel.p[:, :, shared], side) for panel in (true, swapped))
            is_own = (self.pairs.target == side)[:, None, None]
            asked = true.asked[:, :, shared] & swapped.asked[:, :, shared] & self.own[:, None, None]
            parts.append((_either(is_own, right - wrong, wrong - right), np.asarray(asked)))
        if not any(asked.any() for _, asked in parts):
            return None
        rows, item = stacked(parts)
        named = self.named("label_effect", "called own - called the other's")
        m = Measurement(
            self.bias,
            self.opponent,
            "label_effect",
            named["contrast"],
            "difference",
            rows,
            item,
            self.stratum,
        )
        return named | numbers(m, *self.clustered())

    def means(self) -> tuple[Floats, Floats, Floats]:
        """The target's mean win by item, NaN where a verdict is missing, and the least and most it could be."""
        asked = self.data.control.asked
        means = self.own_wins().mean(2, asked).mean(1, np.asarray(asked.any(axis=2)))
        return means.value, means.low, means.high

    def clusters(self) -> Ints:
        """The cluster of each item."""
        return self.clustered()[0].cluster

    def _regression(self) -> dict[str, Any] | None:
        value, low, high = self.means()
        known = self._known(self.pairs.gold)
        seen = known & ~np.isnan(value)
        cluster, gold = self.clusters(), self.pairs.gold

        def fit(chosen: Bools, y: Floats) -> Estimate:
            places = np.flatnonzero(chosen)
            return gold_regression(
                y[places], gold[places], places, cluster[places], level=self.settings.level
            )

        if not _enough(cluster[seen], gold[seen]):
            return None
        found, gone = fit(seen, value), known & np.isnan(value)
        if found.std_error < _NOTHING:
            return None
        ends = (found, found)
        if gone.any():
            rises = np.zeros(known.size, dtype=bool)  # the intercept falls with some verdicts
            design = np.column_stack([np.ones(int(known.sum())), gold[known] - 0.5])
            rises[known] = np.linalg.pinv(design)[0] >= 0
            ends = fit(known, np.where(rises, low, high)), fit(known, np.where(rises, high, low))
        return self.row("gold_regression", "own by judge where gold is even", found,
                         (ends[0].conf_low, ends[1].conf_high), gone)  # fmt: skip

    def matched(self, own: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> TripleDifference | None:
        """The triple difference of two shares, (the first - the second) of own pairs minus that of alike others.

        Args:
            own: Both shares as they are taken for own pairs, of shape (items,); pairs without one of them are left out.
            other: As they are taken for the pairs of others.
        """
        gap, cluster = self.pairs.gap, self.clusters()
        mine, theirs = (
            np.flatnonzero(chosen & ~np.isnan(gap) & ~np.isnan(one) & ~np.isnan(two))
            for chosen, (one, two) in ((self.own, own), (self.other, other))
        )
        try:
            return triple_difference(
                own[0][mine], own[1][mine], other[0][theirs], other[1][theirs], gap[mine], gap[theirs],
                cluster_own=cluster[mine], cluster_other=cluster[theirs], level=self.settings.level,
            )  # fmt: skip
        except ValueError:  # no pairs to match with
            return None

    def _against_panel(self) -> TripleDifference | None:
        value, panel = self.means()[0], self.pairs.panel
        return self.matched((value, panel), (value, panel))

    def _adjusted(self) -> dict[str, Any] | None:
        found = self._against_panel()
        if found is None:
            return None
        (value, low, high), panel = self.means(), self.pairs.panel
        gone = (self.own | self.other) & np.isnan(value) & ~np.isnan(panel)
        least, most = (
            (self.matched((low, panel), (high, panel)), self.matched((high, panel), (low, panel)))
            if gone.any()
            else (found, found)
        )
        return self.row("adjusted", "(judge - panel) own - (judge - panel) other", found.effect,
                         ends_of(found, least, most), gone)  # fmt: skip

    def _panel_regression(self) -> dict[str, Any] | None:
        value, low, high = self.means()
        known = (self.own | self.other) & ~np.isnan(self.pairs.panel) & ~np.isnan(self.pairs.gap)
        own, seen = self.own, known & ~np.isnan(value)
        if not (own & seen).any() or not (self.other & seen).any():
            return None
        cluster = self.clusters()

        def fit(chosen: Bools, y: Floats) -> Estimate:
            return panel_regression(
                y[chosen], own[chosen], self.pairs.panel[chosen], self.pairs.gap[chosen], cluster[chosen],
                level=self.settings.level,
            )  # fmt: skip

        if np.unique(cluster[seen]).size < 4:
            return None
        found = fit(seen, value)
        if found.std_error < _NOTHING:
            return None
        # the coefficient rises with own verdicts and falls with others, up to the covariates
        least, most = np.where(own, low, high), np.where(own, high, low)
        gone = known & np.isnan(value)
        ends = (fit(known, least), fit(known, most)) if gone.any() else (found, found)
        return self.row("panel_regression", "own - other at equal panel share", found,
                         (ends[0].conf_low, ends[1].conf_high), gone)  # fmt: skip

    def row(
        self, estimand: str, contrast: str, found: Estimate, bounds: tuple[float, float], gone: Bools
    ) -> dict[str, Any]:
        """The row of an estimate that is no mean over trials; `gone` are the items that lack a verdict."""
        asked = self.data.control.asked
        missing = int((np.isnan(self.data.control.p[..., 0]) & asked)[gone].sum())
        counts = {"n_judgments": int(asked.sum() / max(len(asked), 1) * found.n_items)}
        return self.named(estimand, contrast) | {
            "unit": "probability", **estimated(found, self.settings), **counts, "n_missing": missing,
            "bound_low": bounds[0], "bound_high": bounds[1],
        }  # fmt: skip


def ends_of(
    found: TripleDifference, least: TripleDifference | None, most: TripleDifference | None
) -> tuple[float, float]:
    """The ends of the interval over all that is missing; those of what was found where a completion has no match."""
    return (least or found).effect.conf_low, (most or found).effect.conf_high


def _either(chosen: Bools, one: Quantity, other: Quantity) -> Quantity:
    """One where chosen, else the other."""
    parts = (np.where(chosen, getattr(one, n), getattr(other, n)) for n in ("value", "low", "high"))
    return Quantity(*parts)


def _enough(cluster: Ints, regressor: Floats) -> bool:
    return bool(regressor.size) and bool(np.ptp(regressor) > 0) and np.unique(cluster).size >= 3
