"""The effects table against the definitions written out trial by trial, on random designs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from statistics import fmean
from typing import Any

import pandas as pd
import pytest

from judgebench.analysis import Settings
from judgebench.analysis.effects import effects
from judgebench.stats import decide, holm, mcnemar, paired_effect, proportion, worst_case_bounds

Probabilities = tuple[float, float, float]
Value = tuple[float | None, float, float]
"""What was seen, and the least and the most that it can have been."""
ONE_HOT: list[Probabilities] = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
SEEDS = range(28)
MANY = 22
"""Seeds from which on designs have items enough for strata."""


class Reference:
    """Every effect of a list of judgments of one judge, as rows of (item, value)."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.trials = {
            (r["perturbation"], r["arm"], r["target"], r["item_id"], r["order"], r["repeat"]): answer(r)
            for r in rows
        }
        self.gold = {r["item_id"]: r["gold"] for r in rows}
        self.source = {r["item_id"]: r["source"] for r in rows}
        self.places: dict[tuple[str, ...], dict[tuple[str, str, int], dict[int, Value]]] = {}
        self.found: dict[tuple[str, ...], list[tuple[str, Value]]] = defaultdict(list)
        self.controls()
        self.reruns()
        self.changes()
        self.absences()
        self.by_place()
        self.by_source()

    def control(self, item: str, order: str, repeat: int) -> Any:
        return self.trials.get(("none", "control", None, item, order, repeat), "not asked")

    def add(self, item: str, value: Value, *names: str, stratum: str = "all") -> None:
        self.found[*names, stratum].append((item, value))

    def controls(self) -> None:
        for (_, arm, _, item, order, repeat), p in self.trials.items():
            if arm != "control":
                continue
            self.add(item, completed(lambda v: v[2], p), "ties", "none", "tie_rate", "control")
            if self.gold[item] == "tie":
                names = ("ties", "none", "false_decisiveness", "winner named, gold is a tie")
                self.add(item, completed(lambda v: v[0] + v[1], p), *names)
            if self.gold[item] is not None:
                side = ("a", "b", "tie").index(self.gold[item])
                right = completed(lambda v, side=side: v[side], p)
                self.add(item, right, "agreement", "none", "accuracy", "judge = gold")
            other = self.control(item, "ba", repeat)
            if order == "ab" and other != "not asked":
                self.pair_of_orders(item, p, other, repeat)

    def pair_of_orders(self, item: str, ab: Any, ba: Any, repeat: int) -> None:
        def first(v: Probabilities, w: Probabilities) -> float:
            return v[0] + v[2] / 2 + w[1] + w[2] / 2 - 1

        names = ("position", "position", "first_preference", "shown first - 1/2")
        self.add(item, completed(first, ab, ba), *names)
        if no_tie(ab, ba):
            self.add(item, completed(first, ab, ba), *names, stratum="strict verdicts only")
        if repeat == 0:
            apart = completed(lambda v, w: v[0] * w[1] - v[1] * w[0], ab, ba)
            self.add(item, apart, "position", "position", "discordance", "AA against BB")
        swap = completed(differ, ab, ba)
        self.add(item, swap, "position", "position", "swap_inconsistency", "ab against ba")
        floors = [self.floor(item, order, differ) for order in ("ab", "ba")]
        asked = [floor for floor in floors if floor is not None]
        if asked:
            parts = list(zip(*asked, strict=True))
            seen = None if None in parts[0] else fmean(parts[0])
            mean = (seen, fmean(parts[1]), fmean(parts[2]))
            names = ("position", "position", "excess_swap_inconsistency", "ab against ba - rerun")
            self.add(item, minus(swap, mean), *names)

    def floor(self, item: str, order: str, compare: Callable[..., float]) -> Value | None:
        one, two = self.control(item, order, 0), self.control(item, order, 1)
        return None if "not asked" in (one, two) else completed(compare, one, two)

    def reruns(self) -> None:
        for item in self.gold:
            for order in ("ab", "ba"):
                for estimand, compare in (("flip_rate", turned), ("inconsistency", differ)):
                    floor = self.floor(item, order, compare)
                    if floor is not None:
                        names = ("repeat_stability", "repeat_stability", estimand, "rerun against first run")
                        self.add(item, floor, *names)

    def changes(self) -> None:
        for (name, arm, target, item, order, repeat), after in self.trials.items():
            if arm == "control":
                continue
            bias, t = name.split("@")[0], "ab".index(target)

            def won(v: Probabilities, t: int = t) -> float:
                return v[t] + v[2] / 2

            base = self.control(item, order, repeat)
            if base != "not asked":
                change = minus(completed(won, after), completed(won, base))
                self.add(item, change, bias, name, "target_preference", f"{arm} - control")
                if arm != "placebo" and no_tie(base, after):
                    names = (bias, name, "target_preference", f"{arm} - control")
                    self.add(item, change, *names, stratum="strict verdicts only")
                if arm == "treatment":
                    place = "ab".index(order[0]) == t
                    cell = self.places.setdefault((bias, name), {}).setdefault((item, target, repeat), {})
                    cell[place] = change
                if arm != "placebo":
                    self.strata(item, change, target, bias, name, f"{arm} - control")
                    self.turns(item, order, t, base, after, bias, name, f"{arm} - control")
            placebo = self.trials.get((name, "placebo", target, item, order, repeat), "not asked")
            if arm == "treatment" and placebo != "not asked":
                change = minus(completed(won, after), completed(won, placebo))
                self.add(item, change, bias, name, "target_preference", "treatment - placebo")

    def strata(self, item: str, change: Value, target: str, bias: str, name: str, contrast: str) -> None:
        names = (bias, name, "target_preference", contrast)
        if self.gold[item] in {"a", "b"}:
            does = "wins" if self.gold[item] == target else "loses"
            self.add(item, change, *names, stratum=f"gold: target {does}")

    def turns(self, item: str, order: str, t: int, base: Any, after: Any, *names: str) -> None:
        bias, name, contrast = names
        flip = completed(turned, base, after)
        self.add(item, flip, bias, name, "flip_rate", contrast)
        toward = completed(lambda v, w: v[1 - t] * w[t], base, after)
        self.add(item, toward, bias, name, "flip_toward", contrast)
        away = completed(lambda v, w: v[t] * w[1 - t], base, after)
        self.add(item, away, bias, name, "flip_away", contrast)
        floor = self.floor(item, order, turned)
        if floor is not None:
            self.add(item, minus(flip, floor), bias, name, "excess_flip_rate", f"{contrast} - rerun")

    def absences(self) -> None:
        for (name, arm, _, item, order, repeat), p in self.trials.items():
            absent = float(p is None)
            self.add(item, (absent,) * 3, "missing", name, "missing_rate", arm)
            base = self.control(item, order, repeat)
            if arm != "control" and base != "not asked":
                apart = absent - float(base is None)
                self.add(item, (apart,) * 3, "missing", name, "missing_rate_difference", f"{arm} - control")

    def by_place(self) -> None:
        for (bias, name), cells in self.places.items():
            for (item, _, _), cell in cells.items():
                if len(cell) == 2:
                    apart = minus(cell[True], cell[False])
                    self.add(item, apart, bias, name, "interaction", "shown first - shown second")

    def by_source(self) -> None:
        for names, rows in list(self.found.items()):
            primary = names[2] == "first_preference" or names[2:4] == (
                "target_preference",
                "treatment - control",
            )
            if primary and names[-1] == "all":
                items: dict[str, set[str]] = defaultdict(set)
                for item, _ in rows:
                    items[self.source[item]].add(item)
                large = [source for source, members in items.items() if len(members) >= 5]
                for source in large if len(large) > 1 else []:
                    found = [row for row in rows if self.source[row[0]] == source]
                    self.found[*names[:-1], f"source: {source}"] = found

    def effects(self) -> Iterator[tuple[tuple[str, ...], list[tuple[str, Value]]]]:
        """All but the strict strata that leave nothing out, which say the same as the whole."""
        for names, rows in self.found.items():
            if names[-1] != "strict verdicts only" or len(rows) < len(self.found[*names[:-1], "all"]):
                yield names, rows


def answer(row: dict[str, Any]) -> Probabilities | None:
    given = [row.get(name) for name in ("p_a", "p_b", "p_tie")]
    if any(p is not None for p in given[:2]):
        known = [p or 0.0 for p in given]
        return tuple(p / sum(known) for p in known)  # type: ignore[return-value]
    return {"a": (1, 0, 0), "b": (0, 1, 0), "tie": (0, 0, 1)}.get(row["verdict"])


def completed(function: Callable[..., float], *parts: Probabilities | None) -> Value:
    options = [function(*full) for full in product(*(ONE_HOT if part is None else [part] for part in parts))]
    return (None if None in parts else options[0]), min(options), max(options)


def minus(one: Value, two: Value) -> Value:
    seen = None if one[0] is None or two[0] is None else one[0] - two[0]
    return seen, one[1] - two[2], one[2] - two[1]


def turned(v: Probabilities, w: Probabilities) -> float:
    return v[0] * w[1] + v[1] * w[0]


def differ(v: Probabilities, w: Probabilities) -> float:
    return 1 - sum(a * b for a, b in zip(v, w, strict=True))


def no_tie(*parts: Probabilities | None) -> bool:
    return all(part is None or part[2] == 0 for part in parts)


PROPORTIONS = {
    "swap_inconsistency", "flip_rate", "flip_toward", "flip_away", "inconsistency", "accuracy", "tie_rate",
    "missing_rate", "false_decisiveness",
}  # fmt: skip


ELSEWHERE = "target loses - target wins", " (simultaneous)"
"""Contrasts with tests of their own, since their estimators are no means."""


def numbers(
    reference: Reference, names: tuple[str, ...], rows: list[tuple[str, Value]], cluster: str
) -> dict[str, Any]:
    """The numbers of a row of the table, by the estimators alone."""
    scale = 0.5 if names[2] == "first_preference" else 1.0
    clusters = reference.source if cluster == "source" else {item: item for item, _ in rows}
    seen = [(item, value[0]) for item, value in rows if value[0] is not None]
    found: dict[str, Any] = {"n_missing": len(rows) - len(seen), "n_judgments": len(seen)}
    by_item = defaultdict(list)
    for item, x in seen:
        by_item[item].append(x)
    found["n_items"] = len(by_item)
    found["n_clusters"] = len({clusters[item] for item in by_item})
    found["estimate"] = fmean(map(fmean, by_item.values())) * scale if seen else math.nan
    columns = [item for item, _ in rows], [clusters[item] for item, _ in rows]
    low, high = ([value[k] for _, value in rows] for k in (1, 2))
    if names[2] in PROPORTIONS:
        ends = proportion(low, *columns).conf_low, proportion(high, *columns).conf_high
        made = proportion([x for _, x in seen], *labels(seen, clusters)) if seen else None
    else:
        bound = 2.0 if names[2] == "interaction" else 1.0
        values = [math.nan if value[0] is None else value[0] for _, value in rows]
        bounds = worst_case_bounds(values, low, high, *columns, scale=scale, bound=bound)
        ends = bounds.conf_low, bounds.conf_high
        x = [x for _, x in seen]
        made = paired_effect(x, *labels(seen, clusters), scale=scale, bound=bound) if seen else None
        if made and names[2] == "discordance" and {*x} <= {-1, 0, 1}:
            test = mcnemar(x.count(1), x.count(-1))
            made = replace(made, statistic=test.statistic, p_value=test.p_value)
    for name in ("std_error", "conf_low", "conf_high", "statistic", "p_value"):
        found[name] = math.nan if made is None else getattr(made, name)
    return found | {"bound_low": ends[0], "bound_high": ends[1]}


def labels(seen: list[tuple[str, float]], clusters: dict[str, str]) -> tuple[list[str], list[str]]:
    return [item for item, _ in seen], [clusters[item] for item, _ in seen]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_effect_equals_its_definition(
    seed: int, random_rows: Callable[..., Any], table: Callable[..., pd.DataFrame]
) -> None:
    cluster = ("item", "source")[seed % 2]
    rows = random_rows(seed, missing=(0.0, 0.1, 0.5, 1.0)[seed % 4], items=30 if seed >= MANY else None)
    reference = Reference([{"perturbation": "none", "arm": "control", "target": None, "order": "ab", "repeat": 0,
                            "gold": None, "source": "src"} | row for row in rows])  # fmt: skip
    expected = {names: numbers(reference, names, found, cluster) for names, found in reference.effects()}
    found = effects(table(rows), Settings(cluster=cluster))
    found = found[~found["contrast"].str.endswith(ELSEWHERE) & (found["bias"] != "calibration")]
    keys = ["bias", "perturbation", "estimand", "contrast", "stratum"]
    assert sorted(map(tuple, found[keys].to_numpy())) == sorted(expected)
    for row in found.to_dict("records"):
        names = tuple(row[key] for key in keys)
        for column, value in expected[names].items():
            assert row[column] == pytest.approx(value, abs=1e-9, nan_ok=True), (names, column)


@pytest.mark.parametrize("seed", range(8))
def test_the_primary_effects_of_a_judge_are_adjusted_together_and_decided_by_the_rule(
    seed: int, random_rows: Callable[..., Any], table: Callable[..., pd.DataFrame]
) -> None:
    settings = Settings(margin=0.2, alpha=0.1, level=0.9)
    found = effects(table(random_rows(seed)), settings)
    is_first = (found["estimand"] == "first_preference") & (found["contrast"] == "shown first - 1/2")
    is_cue = (found["estimand"] == "target_preference") & (found["contrast"] == "treatment - control")
    primary = (is_first | is_cue) & (found["stratum"] == "all")
    family, rest = found[primary], found[~primary]
    assert list(family["p_adjusted"]) == pytest.approx(list(holm(family["p_value"])), nan_ok=True)
    assert list(family["decision"]) == [
        decide(row.conf_low, row.conf_high, row.p_adjusted, 0.1, 0.2) for row in family.itertuples()
    ]
    assert (family["margin"] == 0.2).all()
    assert rest[["p_adjusted", "margin", "decision"]].isna().all(axis=None)
