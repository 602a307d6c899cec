"""Preference for one's own responses: who wrote what, beside what gold and other judges say of it.

For every judge the responses of a *target* author (the judge itself, a model of its family, or a teacher of its) are
compared with those of opponents that are none of these: over all opponents and for each, over all tasks and for each
category. The estimators are those of `judgebench.stats.self_preference` and `triple_difference`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.estimates import estimated, numbers
from judgebench.analysis.measurement import ALL, Kind, Measurement, rows_of, stacked
from judgebench.analysis.moderators import MIN_STRATUM
from judgebench.analysis.panels import Bools, Experiment, Floats, Ints, experiment
from judgebench.analysis.quantities import Quantity, differs, wins
from judgebench.analysis.settings import Settings
from judgebench.stats import Estimate, TripleDifference, gold_regression, panel_regression, triple_difference

BIASES: Final = {"self": "self_preference", "family": "family", "teacher": "teacher"}
UNRELATED: Final = "none"
LABELS: Final = ("model_name@true", "model_name@swapped")
"""The arms in which a response is said to be by its author, or by the other one."""
_NOTHING: Final = 1e-9
"""A standard error that is none: where all points lie on the line, nothing says how far it could be off."""
NOT_MATCHED: Final = "no pairs of other authors with a panel to match with"


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is known of each item, in the order of an experiment's items; all of shape (items,).

    Attributes:
        prompt: Codes of the prompts.
        target: 0 where the target author wrote response a, 1 where b, for pairs that have one; else 0 for a.
        opponent: The other author; empty where the pair is not the target's.
        gold: Gold's win for the target; NaN where there is none.
        gap: By how much the target is better, by what pairs are matched on; NaN where nothing says so.
        panel: The panel's share for the target; NaN where there is none.
        own: Whether the pair is one of a target author's and an unrelated one's.
        other: Whether both authors are unrelated to the judge.
    """

    prompt: Ints
    target: Ints
    opponent: np.ndarray
    gold: Floats
    gap: Floats
    panel: Floats
    own: Bools
    other: Bools


def self_preference_rows(
    judgments: pd.DataFrame, authored: pd.DataFrame, settings: Settings, *, split: str = "half"
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The effects of one judge under one protocol and mitigation.

    Args:
        judgments: Its judgments, pairs with verdicts.
        authored: The pairs with their authors, as `authored.parquet` has them.
        settings: Level of the intervals, clusters.
        split: `zero` counts a verdict that changes with the order as a loss of the target, as Chen et al. (2025,
            arXiv 2506.02592) do for closed judges, which pulls its win rate down; `half` leaves it at what it says.

    Returns:
        The rows without the columns that name judge and suite, and for each comparison what stands behind the
        adjusted estimate: the balance of the matching, or why there is none.
    """
    wanted = (judgments["arm"] == "control") | (
        (judgments["arm"] == "treatment") & judgments["perturbation"].isin(LABELS)
    )
    chosen = judgments[wanted & judgments["item_id"].isin(authored["item_id"])]
    if chosen.empty:
        return [], []
    data = experiment(chosen, cluster=settings.cluster)
    rows: list[dict[str, Any]] = []
    behind: list[dict[str, Any]] = []
    for relation, bias in BIASES.items():
        pairs = _pairs(data, authored, relation)
        for comparison in _comparisons(data, pairs, bias, settings, split):
            rows += comparison.rows()
            behind.append(comparison.behind())
    return rows, behind


def _pairs(data: Experiment, authored: pd.DataFrame, relation: str) -> Pairs:
    table = authored.set_index("item_id").loc[list(data.items)]
    a, b = (table[f"relation_{side}"].to_numpy(dtype=object) for side in "ab")
    is_a, is_b = (a == relation) & (b == UNRELATED), (b == relation) & (a == UNRELATED)
    target = np.where(is_b, 1, 0)
    names = np.where(is_b, table["author_a"], table["author_b"])
    gold, gap, panel = (table[name].to_numpy(dtype=np.float64) for name in ("gold_a", "gap_a", "panel_a"))
    return Pairs(
        prompt=pd.factorize(table["prompt_id"])[0].astype(np.int64),
        target=target,
        opponent=np.where(is_a | is_b, names, "").astype(object),
        gold=np.where(target == 1, 1 - gold, gold),
        gap=np.asarray(
            np.where(target == 1, -gap, gap).round(9), dtype=np.float64
        ),  # thirds equal on both sides
        panel=np.where(target == 1, 1 - panel, panel),
        own=np.asarray(is_a | is_b),
        other=np.asarray((a == UNRELATED) & (b == UNRELATED)),
    )


def _comparisons(
    data: Experiment, pairs: Pairs, bias: str, settings: Settings, split: str
) -> Iterator[Comparison]:
    """Over all opponents and for each; over all tasks and, for all opponents together and each, by category."""
    if not pairs.own.any():
        return
    opponents = sorted(set(pairs.opponent[pairs.own]))
    for name in ("all", *opponents):
        own = pairs.own if name == "all" else pairs.own & (pairs.opponent == name)
        for stratum, chosen in _tasks(data, own):
            yield Comparison(
                data, pairs, own & chosen, pairs.other & chosen, bias, str(name), stratum, settings, split
            )


def _tasks(data: Experiment, own: Bools) -> Iterator[tuple[str, Bools]]:
    yield ALL, np.ones(own.size, dtype=bool)
    labels = data.category
    large = [code for code in range(len(labels.names)) if (own & (labels.codes == code)).sum() >= MIN_STRATUM]
    if len(labels.names) > 1:
        for code in large:
            yield f"category: {labels.names[code]}", labels.codes == code


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
        share = self._wins().each(lambda y: 2 * y - 1)
        by_gold, by_panel = (self._less(values) for values in (gold, panel))
        found = [
            self._measured("raw", "own - 1/2", share, self.own, scale=0.5),
            self._measured("dbg", "own by judge - own by gold", by_gold, self._known(gold)),
            self._measured("judge_minus_panel", "own by judge - own by panel", by_panel, self._known(panel)),
            self._gap(),
            self._consistency(),
        ]
        found += [self._label(), self._regression(), self._adjusted(), self._panel_regression()]
        return [row for row in found if row is not None]

    def behind(self) -> dict[str, Any]:
        """What stands behind the adjusted estimate."""
        told = {"bias": self.bias, "perturbation": self.opponent, "stratum": self.stratum}
        matched = self._match()
        return told | ({"balance": asdict(matched.balance)} if matched else {"why_not_adjusted": NOT_MATCHED})

    def _wins(self) -> Quantity:
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
        return self._wins().each(lambda y: y - values[:, None, None])

    def _measured(
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
        return self._named(estimand, contrast) | numbers(m, *self._clustered())

    def _clustered(self) -> tuple[Experiment, Settings]:
        """Pairs of one prompt depend on each other, unless whole sources do."""
        if self.settings.cluster == "source":
            return self.data, self.settings
        return replace(self.data, cluster=self.pairs.prompt), replace(self.settings, cluster="source")

    def _named(self, estimand: str, contrast: str) -> dict[str, Any]:
        return {
            "bias": self.bias, "perturbation": self.opponent, "estimand": estimand, "contrast": contrast,
            "stratum": self.stratum,
        }  # fmt: skip

    def _gap(self) -> dict[str, Any] | None:
        """How much better the target's responses are, by gold."""
        gold = 2 * self.pairs.gold - 1
        known = self._known(gold)
        quantity = Quantity(gold, gold, gold)
        return self._measured("own_quality_gap", "own by gold - 1/2", quantity, known, scale=0.5, asked=known)

    def _consistency(self) -> dict[str, Any] | None:
        """How often both orders have one verdict."""
        control = self.data.control
        changed = differs(control.p[:, 0], control.p[:, 1])
        same = Quantity(1 - changed.value, 1 - changed.high, 1 - changed.low)
        asked = np.asarray(control.asked[:, 0] & control.asked[:, 1])
        return self._measured("order_consistency", "ab = ba", same, self.own, kind="proportion", asked=asked)

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
        named = self._named("label_effect", "called own - called the other's")
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
        return named | numbers(m, *self._clustered())

    def _means(self) -> tuple[Floats, Floats, Floats]:
        """The target's mean win by item, NaN where a verdict is missing, and the least and most it could be."""
        asked = self.data.control.asked
        means = self._wins().mean(2, asked).mean(1, np.asarray(asked.any(axis=2)))
        return means.value, means.low, means.high

    def _clusters(self) -> Ints:
        return self._clustered()[0].cluster

    def _regression(self) -> dict[str, Any] | None:
        value, low, high = self._means()
        known = self._known(self.pairs.gold)
        seen = known & ~np.isnan(value)
        cluster, gold = self._clusters(), self.pairs.gold

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
        return self._row("gold_regression", "own by judge where gold is even", found,
                         (ends[0].conf_low, ends[1].conf_high), gone)  # fmt: skip

    def _match(self, completed: tuple[Floats, Floats] | None = None) -> TripleDifference | None:
        """The triple difference, on complete pairs or with missing verdicts completed for own and for other pairs."""
        value = self._means()[0]
        own_y, other_y = completed or (value, value)
        known = ~np.isnan(self.pairs.panel) & ~np.isnan(self.pairs.gap)
        own, other = (
            np.flatnonzero(chosen & known & ~np.isnan(y))
            for chosen, y in ((self.own, own_y), (self.other, other_y))
        )
        cluster = self._clusters()
        try:
            return triple_difference(
                own_y[own], self.pairs.panel[own], other_y[other], self.pairs.panel[other], self.pairs.gap[own],
                self.pairs.gap[other], cluster_own=cluster[own], cluster_other=cluster[other],
                level=self.settings.level,
            )  # fmt: skip
        except ValueError:  # no pairs to match with
            return None

    def _adjusted(self) -> dict[str, Any] | None:
        found = self._match()
        if found is None:
            return None
        value, low, high = self._means()
        gone = (self.own | self.other) & np.isnan(value) & ~np.isnan(self.pairs.panel)
        ends = (self._match((low, high)), self._match((high, low))) if gone.any() else (found, found)
        bounds = [end.effect if end else found.effect for end in ends]
        return self._row("adjusted", "(judge - panel) own - (judge - panel) other", found.effect,
                         (bounds[0].conf_low, bounds[1].conf_high), gone)  # fmt: skip

    def _panel_regression(self) -> dict[str, Any] | None:
        value, low, high = self._means()
        known = (self.own | self.other) & ~np.isnan(self.pairs.panel) & ~np.isnan(self.pairs.gap)
        own, seen = self.own, known & ~np.isnan(value)
        if not (own & seen).any() or not (self.other & seen).any():
            return None
        cluster = self._clusters()

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
        return self._row("panel_regression", "own - other at equal panel share", found,
                         (ends[0].conf_low, ends[1].conf_high), gone)  # fmt: skip

    def _row(
        self, estimand: str, contrast: str, found: Estimate, bounds: tuple[float, float], gone: Bools
    ) -> dict[str, Any]:
        asked = self.data.control.asked
        missing = int((np.isnan(self.data.control.p[..., 0]) & asked)[gone].sum())
        counts = {"n_judgments": int(asked.sum() / max(len(asked), 1) * found.n_items)}
        return self._named(estimand, contrast) | {
            "unit": "probability", **estimated(found, self.settings), **counts, "n_missing": missing,
            "bound_low": bounds[0], "bound_high": bounds[1],
        }  # fmt: skip


def _either(chosen: Bools, one: Quantity, other: Quantity) -> Quantity:
    """One where chosen, else the other."""
    parts = (np.where(chosen, getattr(one, n), getattr(other, n)) for n in ("value", "low", "high"))
    return Quantity(*parts)


def _enough(cluster: Ints, regressor: Floats) -> bool:
    return bool(regressor.size) and bool(np.ptp(regressor) > 0) and np.unique(cluster).size >= 3
