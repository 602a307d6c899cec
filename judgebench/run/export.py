"""The store's trials as tidy tables: `judgments.parquet`, and for simulated judges their planted truth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from judgebench.items.model import LETTERS
from judgebench.protocols.reading import CONFIDENCE, PLACES
from judgebench.protocols.tokens import LabelProbabilities
from judgebench.run.arrow import array
from judgebench.run.records import JudgmentRow
from judgebench.run.store import Store

JUDGMENTS: Final = "judgments.parquet"
TRUTH: Final = "truth.parquet"

BATCH: Final = 4_000
"""Rows in memory at a time, and in a row group of the file."""
SCORED: Final = "scored"
_TEXT: Final = (
    "suite", "judge", "item_id", "source", "category", "perturbation", "arm", "target", "order", "protocol",
    "mitigation",
)  # fmt: skip
_SCHEMA: Final = pa.schema(
    [(name, pa.string()) for name in _TEXT]
    + [("repeat", pa.int64()), ("verdict", pa.string())]
    + [
        (n, pa.float64())
        for n in ("preferred_target", "p_a", "p_b", "p_tie", "captured_mass", "score_a", "score_b")
    ]
    + [("gold", pa.string()), ("request_key", pa.string())]
    + [("prompt_tokens", pa.int64()), ("completion_tokens", pa.int64())]
    + [("cost_usd", pa.float64()), ("latency_s", pa.float64())]
)
_TRUTH_SCHEMA: Final = pa.schema([*_SCHEMA, *((f"p_{letter}", pa.float64()) for letter in LETTERS[2:])])


def export(store: Store, out: Path, *, suite: str, judge: str) -> int:
    """Write `judgments.parquet` and, where replies carry a planted truth, `truth.parquet`.

    Returns:
        The number of trials without a reply.
    """
    missing = planted_rows = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal missing, planted_rows
        for row in store.judgment_rows():
            missing += row.outcome is None
            planted_rows += row.truth is not None
            yield judgment(row, suite=suite, judge=judge)

    write_table(out / JUDGMENTS, rows())
    if planted_rows:
        known = (row for row in store.judgment_rows() if row.truth is not None)
        write_table(out / TRUTH, (planted(row, suite=suite, judge=judge) for row in known), _TRUTH_SCHEMA)
    return missing


def judgment(row: JudgmentRow, *, suite: str, judge: str) -> dict[str, Any]:
    """A trial as a row of `judgments.parquet`, its verdict turned from the frame of the display into the item's."""
    trial = row.trial
    scores = score_columns(row, trial.order)
    scored = row.outcome == SCORED and any(score is not None for score in scores.values())
    verdict = None if scored else "invalid" if row.outcome == SCORED else verdict_of(row.outcome, trial.order)
    known = label_columns(row.probabilities, trial.order)
    return {
        "suite": suite,
        "judge": judge,
        "item_id": trial.item_id,
        "source": trial.source,
        "category": trial.category,
        "perturbation": trial.perturbation,
        "arm": trial.arm,
        "target": trial.target,
        "order": trial.order,
        "protocol": trial.protocol,
        "mitigation": trial.mitigation,
        "repeat": trial.repeat,
        "verdict": verdict,
        "preferred_target": preferred_target(verdict, trial.target, known),
        **known,
        **scores,
        "gold": trial.gold,
        "request_key": trial.request_key,
        "prompt_tokens": row.prompt_tokens,
        "completion_tokens": row.completion_tokens,
        "cost_usd": row.cost_usd,
        "latency_s": row.latency_s,
    }


def planted(row: JudgmentRow, *, suite: str, judge: str) -> dict[str, Any]:
    """The trial with what was planted in place of the verdict, given that there is one.

    For a pair the probabilities of a, b and tie, for a list those of all its responses, for one response its expected
    score.
    """
    *said, _, _ = json.loads(row.truth or "[0, 0]")
    order, total = row.trial.order, sum(said)
    found = {**judgment(row, suite=suite, judge=judge), "verdict": None, "preferred_target": None}
    if len(order) == 1:
        return {**found, **_expected(row, order)}
    shares = [p / total for p in said] if total > 0 else []
    if len(order) > 2 or set(order) != {"a", "b"}:
        ties = ["tie"] if len(shares) > len(order) else []
        return {**found, **{f"p_{name}": share for name, share in zip([*order, *ties], shares, strict=False)}}
    # a list of two has no tie
    tie = shares[2] if len(shares) > 2 else 0.0
    truth = LabelProbabilities(shares[0], shares[1], tie, total) if shares else None
    return {**found, **label_columns(truth, order)}


def verdict_of(outcome: str | None, order: str) -> str:
    """The verdict in the item's frame; `error` where there is no reply."""
    if outcome is None:
        return "error"
    return order[PLACES.index(outcome)] if outcome in PLACES else outcome


def _expected(row: JudgmentRow, order: str) -> dict[str, float | None]:
    """The expected score in place of the score; none where several were expected and the reply told none."""
    *scores, _, _ = json.loads(row.truth or "[0, 0]")
    names = [name for name, _ in row.scores] or [""]
    known = replace(row, scores=tuple(zip(names, scores, strict=False)) if len(names) == len(scores) else ())
    if len(scores) == 1 and not row.scores:
        known = replace(row, scores=((row.trial.protocol.partition("/")[2], scores[0]),))
    return score_columns(known, order)


def score_columns(row: JudgmentRow, order: str) -> dict[str, float | None]:
    """`score_a` and `score_b`: the score of the one response shown, by the criterion in the protocol's name.

    Of a verdict that comes with a stated confidence, that: as the score of the response that it names, or of both.
    """
    columns: dict[str, float | None] = dict.fromkeys(("score_a", "score_b"))
    if len(order) == 1:
        _, _, criterion = row.trial.protocol.partition("/")
        columns["score_a" if order == "a" else "score_b"] = dict(row.scores).get(criterion)
    elif (stated := dict(row.scores).get(CONFIDENCE)) is not None:
        verdict = verdict_of(row.outcome, order)
        columns |= {f"score_{letter}": stated for letter in "ab" if verdict in {letter, "tie"}}
    return columns


def label_columns(known: LabelProbabilities | None, order: str) -> dict[str, float | None]:
    """`p_a`, `p_b`, `p_tie` and `captured_mass` in the item's frame; all None where nothing is known."""
    if known is None:
        return dict.fromkeys(("p_a", "p_b", "p_tie", "captured_mass"))
    a, b = (known.first, known.second) if order == "ab" else (known.second, known.first)
    return {"p_a": a, "p_b": b, "p_tie": known.tie, "captured_mass": known.mass}


def preferred_target(
    verdict: str | None, target: str | None, known: Mapping[str, float | None] | None = None
) -> float | None:
    """The target's win: 1, 1/2 for a tie, 0; None where there is no target or no verdict.

    Where label probabilities are known (`label_columns`), it is that of the target and half that of a tie.
    """
    if target is None or verdict is None or verdict in {"invalid", "refused", "error"}:
        return None
    wins, ties = (known.get(f"p_{target}"), known["p_tie"]) if known else (None, None)
    if wins is not None and ties is not None:
        return wins + ties / 2
    return 0.5 if verdict == "tie" else float(verdict == target)


def write_table(path: Path, rows: Iterable[dict[str, Any]], schema: pa.Schema = _SCHEMA) -> None:
    """Write a Parquet file batch by batch, in one step."""
    write_columns(path, _batches(rows, schema), schema)


def _batches(rows: Iterable[dict[str, Any]], schema: pa.Schema) -> Iterator[dict[str, list[Any]]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield {name: [row.get(name) for row in batch] for name in schema.names}


def write_columns(
    path: Path, batches: Iterable[Mapping[str, Sequence[Any]]], schema: pa.Schema = _SCHEMA
) -> None:
    """Write a Parquet file in one step from batches of columns, each about `BATCH` long; what one lacks is null."""
    temporary = path.with_name(f".{path.name}")
    try:
        with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
            for batch in batches:
                size = len(next(iter(batch.values())))
                arrays = [
                    array(batch[f.name], f.type) if f.name in batch else pa.nulls(size, f.type)
                    for f in schema
                ]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
