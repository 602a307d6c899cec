"""Trials that rest on several requests: their parts in the store, the verdicts they come to, and what they cost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Final, cast

from judgebench.protocols.mitigation.base import Rule
from judgebench.protocols.mitigation.combine import combined, combined_truth, turned, turned_truth
from judgebench.protocols.reading import Reading
from judgebench.protocols.tokens import LabelProbabilities
from judgebench.run.records import JudgmentRow, PartRow, VerdictRow

ADD_PART: Final = "INSERT OR IGNORE INTO parts VALUES (?, ?, ?, ?, ?)"

_MEMBERS: Final = """
SELECT r.key, p.rule, s.contract, p.turned, v.outcome, v.reason, v.probabilities, v.scores
FROM parts p JOIN requests r ON r.id = p.request
LEFT JOIN prompts s ON s.request = p.part
LEFT JOIN verdicts v ON v.request = p.part AND v.parser_version = ?
WHERE p.rule <> 'turn' ORDER BY p.request, p.place
"""

_COMBINED: Final = """
SELECT m.key, p.turned FROM parts p JOIN requests r ON r.id = p.request JOIN requests m ON m.id = p.part
WHERE r.key = ? AND p.rule <> 'turn' ORDER BY p.place
"""

_PARTS: Final = """
SELECT p.rule, p.turned, a.id IS NOT NULL,
       a.prompt_tokens, a.completion_tokens, a.cached_tokens, a.reasoning_tokens, a.cost_usd, a.latency_s, a.truth,
       EXISTS (SELECT 1 FROM trials s WHERE s.request = p.part),
       (SELECT MIN(t.ordinal) FROM parts q JOIN trials t ON t.request = q.request WHERE q.part = p.part)
FROM parts p JOIN requests r ON r.id = p.request
LEFT JOIN attempts a ON a.request = p.part AND a.status = 'ok'
WHERE r.key = ? ORDER BY p.place
"""

COSTS: Final = """
WITH sent AS (
    SELECT t.ordinal, t.request FROM trials t
    WHERE NOT EXISTS (SELECT 1 FROM parts p WHERE p.request = t.request AND p.rule <> 'turn')
    UNION ALL SELECT t.ordinal, p.part FROM trials t JOIN parts p ON p.request = t.request
), of_trial AS (
    SELECT s.ordinal, SUM(a.prompt_tokens + a.completion_tokens) AS tokens,
           CASE WHEN COUNT(a.cost_usd) = COUNT(*) THEN SUM(a.cost_usd) END AS cost, SUM(a.latency_s) AS seconds
    FROM sent s LEFT JOIN attempts a ON a.request = s.request AND a.status = 'ok'
    GROUP BY s.ordinal HAVING COUNT(a.id) = COUNT(*)
)
SELECT t.item_id, t.protocol, t.mitigation, AVG(o.tokens), AVG(o.cost), AVG(o.seconds)
FROM of_trial o JOIN trials t ON t.ordinal = o.ordinal GROUP BY t.item_id, t.protocol, t.mitigation
"""
"""What a verdict takes on its own: every reply it rests on, whether or not another trial shares it."""


def members(db: sqlite3.Connection, parser_version: int) -> Iterator[VerdictRow]:
    """The verdict of every combination all of whose members were answered, by the verdicts of a parser."""
    found = db.execute(_MEMBERS, (parser_version,))
    for (key, rule), several in groupby(found, key=lambda row: row[:2]):
        rows = list(several)
        known = [reading for row in rows if (reading := _reading(*row[3:])) is not None]
        if len(known) == len(rows):
            of_list = str(json.loads(rows[0][2])["form"]).startswith("choice")
            made = combined(cast("Rule", rule), known, of_list=of_list)
            yield VerdictRow.of(key, parser_version, made)


def combined_in(db: sqlite3.Connection, key: str) -> tuple[PartRow, ...]:
    """The requests whose replies a combination is made of; empty for a request that is sent itself."""
    return tuple(PartRow(part, bool(is_turned)) for part, is_turned in db.execute(_COMBINED, (key,)))


def _reading(
    is_turned: int, outcome: Any, reason: str, probabilities: str | None, scores: str | None
) -> Reading | None:
    if outcome is None:
        return None
    known = LabelProbabilities(*json.loads(probabilities)) if probabilities else None
    reading = Reading(outcome, reason, known, tuple((n, s) for n, s in json.loads(scores or "[]")))
    return turned(reading) if is_turned else reading


def with_parts(db: sqlite3.Connection, row: JudgmentRow) -> JudgmentRow:
    """The row of a trial with what its parts add to it; the same row where it has none.

    The tokens and the cost of a part stand with the trial whose own request it is, and else with the first that rests
    on it, so that their sums are what was used. Seconds are those of all parts, one after the other.
    """
    parts = db.execute(_PARTS, (row.trial.request_key,)).fetchall()
    if not parts:
        return row
    rule = parts[0][0]
    counted = [part for part in parts if not part[10] and part[11] == row.trial.ordinal]
    tokens = [sum(part[3 + place] or 0 for part in counted) for place in range(4)]
    costs = [part[7] for part in parts]
    seconds = [part[8] for part in parts]
    if rule == "turn":
        costs.append(row.cost_usd)
        seconds.append(row.latency_s)
    whole = all(part[2] for part in parts) and None not in seconds
    own = row.cost_usd or 0.0
    return replace(
        row,
        prompt_tokens=row.prompt_tokens + tokens[0],
        completion_tokens=row.completion_tokens + tokens[1],
        cached_tokens=row.cached_tokens + tokens[2],
        reasoning_tokens=row.reasoning_tokens + tokens[3],
        cost_usd=None if None in costs else own + sum(part[7] for part in counted),
        latency_s=sum(seconds) if whole else None,
        truth=row.truth if rule == "turn" else _truth(row, rule, parts),
    )


def _truth(row: JudgmentRow, rule: str, parts: Sequence[Sequence[Any]]) -> str | None:
    """What was planted of a combination: the probabilities of its verdicts, or the mean of the expected scores."""
    if any(part[9] is None for part in parts):
        return None
    truths = [json.loads(part[9]) for part in parts]
    truths = [turned_truth(truth) if part[1] else truth for truth, part in zip(truths, parts, strict=True)]
    if len(row.trial.order) == 1 or row.probabilities is not None:
        return json.dumps([sum(values) / len(values) for values in zip(*truths, strict=True)])
    of_list = len(truths[0]) == len(row.trial.order) + 2
    return json.dumps(combined_truth(cast("Rule", rule), truths, of_list=of_list))
