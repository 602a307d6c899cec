"""From judgments to the effects table: every measurement estimated, adjusted and decided in the same way."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.choice_logit import AMONG, choice_rows
from judgebench.analysis.differences import Measured
from judgebench.analysis.estimands import measurements
from judgebench.analysis.estimates import numbers, point_of
from judgebench.analysis.factorial import alone, factorial_measurements, together
from judgebench.analysis.forecasts import calibration_rows, confidence_rows, is_stated
from judgebench.analysis.instrument import OTHER_QUESTIONS, instrument_rows
from judgebench.analysis.item_facts import ItemAttributes, ItemFacts, ItemVotes, Votes
from judgebench.analysis.joint import Member, simultaneous_rows
from judgebench.analysis.measurement import STRICT, Measurement
from judgebench.analysis.mitigated import Mitigated, mitigation_rows, removed_truths
from judgebench.analysis.panels import Change, Experiment, experiment
from judgebench.analysis.schema import ANALYSED_COLUMNS, EFFECT_COLUMNS, GROUP_COLUMNS, LIST_COLUMNS, PROMPT
from judgebench.analysis.scores import SHIFT, has_pairs, implied_pairs, is_scored, score_rows
from judgebench.analysis.settings import Settings
from judgebench.analysis.transitivity import as_pairs, circle_rows, is_round_robin
from judgebench.analysis.wordings import wording_rows
from judgebench.errors import InputError
from judgebench.perturb import perturbations
from judgebench.stats import benjamini_hochberg, decide, holm

_GROUP: Final = list(GROUP_COLUMNS)
_NAMES: Final = ("bias", "perturbation", "estimand", "contrast", "stratum")


def effects(
    judgments: pd.DataFrame,
    settings: Settings,
    failed: Collection[Change] | None = None,
    costs: pd.DataFrame | None = None,
    more: Iterable[Mapping[str, Any]] = (),
    facts: ItemFacts | None = None,
) -> pd.DataFrame:
    """The effects table of a set of judgments.

    Args:
        judgments: Rows as in `judgments.parquet`, of one or more judges, protocols and mitigations.
        settings: Margin, levels, clusters, and which effects are confirmatory.
        failed: The changes whose manipulation check failed; None where that is not known.
        costs: What a verdict takes, by item (`mitigated.COST_COLUMNS`); None where that is not known.
        more: Rows that come from elsewhere, without a decision.
        facts: What is known of the items beside their texts.

    Returns:
        A row an effect, with the columns of `EFFECT_COLUMNS`. `bound_low` and `bound_high` are the interval where
        nothing is missing, else the worst-case interval over all that the missing verdicts could be. Only the
        primary effects of the invariance family of each judge have an adjusted p-value and a decision: Holm's over
        the confirmatory ones, Benjamini and Hochberg's over the others. The confirmatory ones come once more at
        the end, with simultaneous intervals.

    Raises:
        InputError: There are no judgments, or they contradict each other.
    """
    if judgments.empty:
        raise InputError("there are no judgments to analyse")
    table = _Table(settings, failed, facts or ItemFacts())
    for names, group in groups_of(judgments):
        if not _is_single(group):
            table.add(names, group)
    rows = table.rows
    rows += _of_singles(judgments, settings)
    rows += _of_mitigations(table.mitigated, settings, costs)
    rows += _of_several(judgments, settings)
    rows += [{**row, **undecided(primary=False)} for row in more]
    for family in table.families.values():
        rows.extend(simultaneous_rows(family, settings))
    return decided(rows, settings)


@dataclass
class _Table:
    """The rows of the groups that were added, and what later rows come from."""

    settings: Settings
    failed: Collection[Change] | None
    facts: ItemFacts
    rows: list[dict[str, Any]] = field(default_factory=list)
    families: dict[str, list[Member]] = field(default_factory=dict)
    mitigated: dict[tuple[str, str], Mitigated] = field(default_factory=dict)

    def add(self, names: Mapping[str, str], everything: pd.DataFrame) -> None:
        """Add what a judge's judgments under one protocol and mitigation say."""
        group, protocol, scored = alone(everything), names["protocol"], is_scored(everything)
        if scored:
            self._put(names, _of_scores(group, self.settings, protocol))
        data = _experiment(group, self.settings, self.failed)
        data = replace(data, votes=_votes(self.facts.votes, data, protocol))
        robin = is_round_robin(everything)
        # the pairs of a round robin are clustered by item where the others are items themselves
        settings = replace(self.settings, cluster="source") if robin else self.settings
        found = list(measurements(data))
        _gather(self.mitigated, names, [(m, data) for m in found])
        for m in found:
            primary = m.primary and is_invariance(m.bias) and not scored
            self._put(names, [{**names_of(m), **numbers(m, data, settings), **undecided(primary=primary)}])
            if primary and not robin and settings.is_confirmatory(m.bias, m.perturbation):
                self.families.setdefault(names["judge"], []).append(Member(self.rows[-1], m, data))
        cells = None
        if len(group) < len(everything):
            cells = _experiment(together(everything), self.settings, self.failed)
        described = _described(data, cells, settings, group, protocol, self.facts.attributes)
        self._put(names, ({**row, **undecided(primary=False)} for row in described))

    def _put(self, names: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> None:
        self.rows += [{**names, **row} for row in rows]


def _is_single(group: pd.DataFrame) -> bool:
    """Whether each item has but one response that is scored, so that no pair is implied."""
    return is_scored(group) and not has_pairs(group)


def _of_singles(judgments: pd.DataFrame, settings: Settings) -> Iterator[dict[str, Any]]:
    """The rows of scores that imply no pairs."""
    for names, group in groups_of(judgments):
        if _is_single(group):
            for row in _of_scores(alone(group), settings, names["protocol"]):
                yield {**names, **row}


def _gather(
    mitigated: dict[tuple[str, str], Mitigated], names: Mapping[str, str], found: list[Measured]
) -> None:
    """Keep what mitigations are held against, by suite and judge."""
    of_judge = mitigated.setdefault((names["suite"], names["judge"]), Mitigated())
    of_judge.add(names["protocol"], names["mitigation"], found)


def _of_mitigations(
    mitigated: Mapping[tuple[str, str], Mitigated], settings: Settings, costs: pd.DataFrame | None
) -> Iterator[dict[str, Any]]:
    for (suite, judge), found in mitigated.items():
        for row in mitigation_rows(found, settings, costs):
            yield {"suite": suite, "judge": judge, **undecided(primary=False), **row}


def _experiment(group: pd.DataFrame, settings: Settings, failed: Collection[Change] | None) -> Experiment:
    """The panels of a group; of a round robin, whose checks are known of items and not of pairs, without the checks."""
    if is_round_robin(group):
        return as_pairs(group, cluster=settings.cluster)
    rows = implied_pairs(group) if is_scored(group) else group
    return experiment(rows, cluster=settings.cluster, failed=failed)


def _of_several(judgments: pd.DataFrame, settings: Settings) -> Iterator[dict[str, Any]]:
    """What several protocols tell together."""
    for names, group in groups_of(judgments, ("suite", "judge", "mitigation")):
        for row in (*wording_rows(group, settings), *instrument_rows(group, settings)):
            yield {**names, **row, **undecided(primary=False)}


def _of_scores(group: pd.DataFrame, settings: Settings, protocol: str) -> Iterator[dict[str, Any]]:
    """The rows that speak of scores, the primary ones of the invariance family to be decided."""
    for row in score_rows(group, settings, protocol):
        primary = bool(row.get("primary")) and is_invariance(row["bias"])
        yield {**undecided(primary=primary, span=row.get("span", 1.0)), **row, "primary": primary}


def _votes(votes: ItemVotes, data: Experiment, protocol: str) -> Votes | None:
    """What people said of the items, where the judge was asked the same."""
    if not votes or protocol.startswith(OTHER_QUESTIONS):
        return None
    return Votes.on(list(map(str, data.items)), data.letters, votes)


def _described(
    data: Experiment,
    cells: Experiment | None,
    settings: Settings,
    group: pd.DataFrame,
    protocol: str,
    attributes: ItemAttributes,
) -> Iterator[dict[str, Any]]:
    """What one protocol tells beside its measurements: choices from lists, calibration, changes together, circles."""
    if len(data.letters) > 2:
        yield from choice_rows(data, settings, attributes)
    elif is_stated(group) and not is_scored(group):
        yield from calibration_rows(data, settings)
    if protocol in settings.confident:
        yield from confidence_rows(group, data, settings)
    if cells is not None:
        yield from _of_cells(cells, settings, attributes)
    if is_round_robin(group):
        yield from circle_rows(group, settings)


def _of_cells(data: Experiment, settings: Settings, attributes: ItemAttributes) -> Iterator[dict[str, Any]]:
    """The rows of a factorial design: contrasts of its cells, and for lists the log odds of bearing each factor."""
    for m in factorial_measurements(data):
        yield {**names_of(m), **numbers(m, data, settings)}
    if len(data.letters) > 2:
        rows = choice_rows(data, settings, attributes)
        yield from (row for row in rows if row["contrast"] == AMONG)


def decided(rows: list[dict[str, Any]], settings: Settings) -> pd.DataFrame:
    """Rows with a flag `primary` as an effects table, the primary ones adjusted and decided judge by judge."""
    table = pd.DataFrame(rows, columns=[*EFFECT_COLUMNS, "primary", "span"])
    table["decision"] = table["decision"].astype(object)
    names = zip(table["bias"], table["perturbation"], strict=True)
    confirmatory = np.array([settings.is_confirmatory(*name) for name in names], dtype=bool)
    for chosen, adjust in ((confirmatory, holm), (~confirmatory, benjamini_hochberg)):
        for _, family in table[table["primary"] & chosen].groupby("judge", sort=False):
            adjusted = adjust(family["p_value"].to_numpy(dtype=np.float64))
            table.loc[family.index, "p_adjusted"] = adjusted
            margins = settings.margin * family["span"].to_numpy(dtype=np.float64)
            table.loc[family.index, "margin"] = margins
            intervals = zip(family["conf_low"], family["conf_high"], adjusted, margins, strict=True)
            table.loc[family.index, "decision"] = [
                decide(low, high, p, settings.alpha, margin) for low, high, p, margin in intervals
            ]
    return table.drop(columns=["primary", "span"])


def truths(truth: pd.DataFrame) -> pd.DataFrame:
    """The true value of every effect of a simulated judge: the same estimands on its probabilities.

    Left out are the rates of missing verdicts, since the probabilities are given that there is a verdict, and the
    strict pairs, since which those are is itself a matter of chance. Simultaneous rows have the truth of their effect.

    Args:
        truth: Judgments with the planted probabilities in `p_a`, `p_b` and `p_tie`.

    Returns:
        The identifying columns of the effects table and `truth`.
    """
    rows: list[dict[str, Any]] = []
    mitigated: dict[tuple[str, str], Mitigated] = {}
    for names, group in groups_of(truth):
        if is_scored(group):
            continue
        found = [(m, d) for m, d in _all_measurements(group) if m.bias != "missing" and m.stratum != STRICT]
        _gather(mitigated, names, found)
        rows += [{**names, **names_of(m), "truth": point_of(m, data)} for m, data in found]
    for (suite, judge), of_judge in mitigated.items():
        rows += [{"suite": suite, "judge": judge, **row} for row in removed_truths(of_judge)]
    rows += [
        {**names, **{name: row[name] for name in _NAMES}, "truth": row["estimate"]}
        for names, group in groups_of(truth)
        if is_scored(group)
        for row in score_rows(alone(group), Settings(), names["protocol"])
        if row["estimand"] in {SHIFT, "mean_score"}
    ]
    keys = ["suite", "judge", *_NAMES, "protocol", "mitigation"]
    return pd.DataFrame(rows, columns=[*keys, "truth"])


def _all_measurements(group: pd.DataFrame) -> Iterator[tuple[Measurement, Experiment]]:
    """All that is measured on one judge's judgments by one protocol, a factorial design at the end."""
    plain = alone(group)
    data = _experiment(plain, Settings(), None)
    yield from ((m, data) for m in measurements(data))
    if len(plain) < len(group):
        cells = _experiment(together(group), Settings(), None)
        yield from ((m, cells) for m in factorial_measurements(cells))


def groups_of(
    judgments: pd.DataFrame, by: Sequence[str] = _GROUP
) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """The judgments of each suite, judge, protocol and mitigation, or of what `by` names, with these names."""
    wanted = (*ANALYSED_COLUMNS, *LIST_COLUMNS, PROMPT)
    columns = [name for name in wanted if name in judgments or name in ANALYSED_COLUMNS]
    needed = judgments[columns]
    alone = [needed[name].unique() for name in by]
    if all(len(values) == 1 and pd.notna(values[0]) for values in alone):  # the usual case, without a copy
        yield {name: str(values[0]) for name, values in zip(by, alone, strict=True)}, needed
        return
    for names, group in needed.groupby(list(by), sort=False, observed=True):
        yield dict(zip(by, map(str, names), strict=True)), group


def names_of(m: Measurement) -> Mapping[str, str]:
    """What tells a measurement from the others of its group."""
    return {name: getattr(m, name) for name in _NAMES}


def undecided(*, primary: bool, span: float = 1.0) -> dict[str, Any]:
    """The columns that `decided` fills in for primary rows; `span`: what the margin is a share of."""
    return {"primary": primary, "span": span, "p_adjusted": math.nan, "margin": math.nan, "decision": None}


def is_invariance(bias: str) -> bool:
    """Whether the right effect is 0; a bias that is no known perturbation is taken for one."""
    return bias not in perturbations or perturbations.get(bias).family == "invariance"
