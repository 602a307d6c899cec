"""JudgeBench's upstream layout: one file of `outputs/`, a line a pair with its judgments.

A judge that is shown both responses is asked twice, the second time with them swapped; its `decision` is about A and B
as displayed. A reward model scores each response by itself, so its order says nothing, and its decision names B where
the scores are equal. The layout of ScalerLab/JudgeBench at e2c52c2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from judgebench.items.public.judgebench_pairs import category_of, gold_of, pair
from judgebench.items.source_rows import SourceRow, distinct, finite, read_objects, shown, suite_of, unwrapped
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording
from judgebench.run.imports.names import judge_of
from judgebench.run.imports.scores import better
from judgebench.run.imports.stated import beside

_LAYOUT: Final = "a file of JudgeBench's outputs, a line a pair with pair_id, label and judgments"
_DECISIONS: Final[Mapping[str | None, str]] = {"A>B": "a", "B>A": "b", "A=B": "tie", None: "invalid"}
_OTHER: Final = {"a": "b", "b": "a"}
_ORDERS: Final[tuple[Literal["ab", "ba"], ...]] = ("ab", "ba")

_DISPLAYED: Final = (
    "decisions are about A and B as displayed: A is response_A (a) in the first judgment, order ab, and response_B (b) "
    "in the second, order ba"
)
_SCORED: Final = (
    "from the scores, of response_A (a) first in the first judgment and of response_B (b) first in the second; "
    "upstream's decision names B where they are equal, here a tie"
)


def read(path: Path) -> list[Recording]:
    """The recording in a file of outputs.

    Raises:
        InputError: The file is not in the layout.
    """
    rows = read_objects(path, expected=_LAYOUT)
    verdicts = [verdict for row in rows for verdict in _verdicts(row)]
    items = [pair(row) for row in rows]
    distinct([item.id for item in items], rows, "pair_id")
    suite = suite_of("judgebench", *sorted({row.text("response_model") for row in rows}))
    judge = judge_of(*sorted({row.text("judge_name") for row in rows}), _model(path, rows))
    scored = any(verdict.score_a is not None for verdict in verdicts)
    unknown = ("the order, which has no meaning where responses are scored one by one",) if scored else ()
    found = beside(suite, judge, upstream_figures(rows))
    return [Recording(suite, judge, verdicts, _SCORED if scored else _DISPLAYED, found, items, unknown)]


def _judgments(row: SourceRow) -> list[Mapping[str, Any] | None]:
    """The judgments of a pair, two or (where the judge was asked once) one; None where asking failed."""
    found = row.values.get("judgments")
    if not (isinstance(found, list) and 1 <= len(found) <= 2):
        raise row.wrong("judgments", "a list of one or two judgments")
    for judgment in found:
        if judgment is not None and not (isinstance(judgment, dict) and "decision" in judgment):
            raise row.wrong("judgments", "judgments with a decision")
    return found


def _verdicts(row: SourceRow) -> list[RecordedVerdict]:
    return [_verdict(row, place, judgment) for place, judgment in enumerate(_judgments(row))]


def _verdict(row: SourceRow, place: int, judgment: Mapping[str, Any] | None) -> RecordedVerdict:
    decision = _decision(row, judgment)
    name, gold, source, category = row.text("pair_id"), gold_of(row), row.text("source"), category_of(row)
    scores = _scores(row, judgment)
    if scores is not None:
        score_a, score_b = scores if place == 0 else scores[::-1]
        return RecordedVerdict(
            name,
            None,
            better(score_a, score_b),
            gold=gold,
            source=source,
            category=category,
            repeat=place,
            score_a=score_a,
            score_b=score_b,
        )
    verdict = "error" if judgment is None else _item_frame(place, decision)
    return RecordedVerdict(name, _ORDERS[place], verdict, gold=gold, source=source, category=category)


def _item_frame(place: int, decision: str | None) -> str:
    """The verdict in the item's frame: in the second judgment the responses are swapped."""
    displayed = _DECISIONS[decision]
    return displayed if place == 0 else _OTHER.get(displayed, displayed)


def _decision(row: SourceRow, judgment: Mapping[str, Any] | None) -> str | None:
    decision = judgment["decision"] if judgment is not None else None
    if not (decision is None or isinstance(decision, str)) or decision not in _DECISIONS:
        raise row.fault("judgments", f"a decision is {shown(decision)}", "A>B, B>A, A=B or null")
    return decision


def _inner(judgment: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """What a judge wrote down about its judgment, if anything."""
    found = (judgment or {}).get("judgment")
    return found if isinstance(found, dict) else {}


def _scores(row: SourceRow, judgment: Mapping[str, Any] | None) -> tuple[float, float] | None:
    """The scores of a reward model, of A and of B as displayed; None for other judges."""
    scores = _inner(judgment).get("scores")
    if scores is None:
        return None
    found = [finite(unwrapped(score)) for score in scores] if isinstance(scores, list) else []
    match found:
        case [float() as first, float() as second]:
            return first, second
    raise row.fault("judgments", f"the scores are {shown(scores)}", "two numbers")


def _model(path: Path, rows: Sequence[SourceRow]) -> str:
    """The judge's model: as its judgments name it, else as the file's name does."""
    named = (_inner(judgment).get("judge_model") for row in rows for judgment in _judgments(row))
    first = next((name for name in named if isinstance(name, str) and name), None)
    return first or path.stem.rpartition("judge_model=")[2]


def upstream_figures(rows: Sequence[SourceRow]) -> dict[str, float]:
    """Upstream's figures by upstream's own rule, and how often the displayed places were preferred.

    A pair counts as correct where more judgments name the better response than the other one; a tie and what could not
    be read count for neither. A pair is consistent where both judgments say the same, be it nothing. With one judgment
    a pair, accuracy is the share of right ones.
    """
    decisions = [[_decision(row, judgment) for judgment in _judgments(row)] for row in rows]
    mapped = [[_item_frame(*pair) for pair in enumerate(found)] for found in decisions]
    golds = [gold_of(row) for row in rows]
    right = sum(
        found.count(gold) > found.count(_OTHER.get(gold, "neither"))
        for found, gold in zip(mapped, golds, strict=True)
    )
    counts = Counter(decision for found in decisions for decision in found)
    return {
        "accuracy": 100 * right / len(rows),
        "order_consistency": 100 * sum(len(set(found)) == 1 for found in mapped) / len(rows),
        "first_preferred": counts["A>B"],
        "second_preferred": counts["B>A"],
        "ties": counts["A=B"],
    }


judgebench = Importer("judgebench", "a file of JudgeBench's outputs, two judgments a pair", read)
