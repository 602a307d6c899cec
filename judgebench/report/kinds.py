"""What came of a change, of an order or of another way of asking, in words: by these the trials of a page are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from judgebench.run.export import SCORED, score_columns, verdict_of
from judgebench.run.records import JudgmentRow

__all__ = ["KEPT", "Asked", "kind_between", "kind_of_change", "kind_of_orders", "said"]

KEPT: Final[Mapping[str, int]] = {
    "moved toward the changed response": 20,
    "the first shown won in both orders": 20,
    "moved away from the changed response": 16,
    "the second shown won in both orders": 16,
    "moved toward it in one order, away in the other": 10,
    "another verdict": 20,
    "a tie in one order only": 10,
    "same verdict": 12,
    "without a verdict": 8,
}
"""How many items of each kind are kept for a line of the tables, the most telling kind first."""

_TOWARD, _FIRST, _AWAY, _SECOND, _MIXED, _OTHER, _HALF, _SAME, _NONE = KEPT
_UNREAD: Final = frozenset({"invalid", "refused", "error"})

Asked = Mapping[str, JudgmentRow]
"""The first repeat of what was asked, by order."""


def kind_of_change(control: Asked, treated: Asked, target: str) -> str:
    """What the change did to the verdicts of an item, or to the scores of its changed response."""
    pairs = [(control[order], row) for order, row in treated.items() if order in control]
    worth = [(_worth(old, target), _worth(new, target)) for old, new in pairs]
    shifts = [new - old for old, new in worth if old is not None and new is not None]
    up, down = any(shift > 0 for shift in shifts), any(shift < 0 for shift in shifts)
    if up or down:
        return _MIXED if up and down else _TOWARD if up else _AWAY
    if len(shifts) < len(treated):
        return _NONE
    return _SAME if all(said(old) == said(new) for old, new in pairs) else _OTHER


def kind_of_orders(control: Asked) -> str:
    """What the order did to the verdicts of an item to which nothing was done."""
    verdicts = {order: said(row) for order, row in control.items()}
    if not _UNREAD.isdisjoint(verdicts.values()):
        return _NONE
    if len(set(verdicts.values())) == 1:
        return _SAME
    if set(verdicts) != {"ab", "ba"}:
        return _OTHER
    if "tie" in verdicts.values():
        return _HALF
    return _FIRST if verdicts["ab"] == "a" else _SECOND


def kind_between(one: Asked, two: Asked) -> str:
    """Whether two ways of asking about an unchanged item say the same.

    Where both ask in the same orders each verdict or score is held against its twin, else what both come to: the winner
    by all verdicts, or the response with the higher score.
    """
    if any(said(row) in _UNREAD for row in (*one.values(), *two.values())):
        return _NONE
    if one.keys() == two.keys():
        same = all(said(row) == said(two[key]) for key, row in one.items())
    else:
        same = _winner(one) == _winner(two)
    return _SAME if same else _OTHER


def _winner(asked: Asked) -> int:
    """1 where response a comes out ahead, -1 where it falls behind, 0 for neither."""
    ahead = 0.0
    for row in asked.values():
        score = _score(row)
        if score is None:
            ahead += (_worth(row, "a") or 0.0) - 0.5
        else:
            ahead += score if row.trial.order == "a" else -score
    return (ahead > 0) - (ahead < 0)


def _worth(row: JudgmentRow, target: str) -> float | None:
    """What a verdict or a score is worth to the target; None where there is neither."""
    score = _score(row)
    if score is not None:
        return score
    word = said(row)
    return None if word in _UNREAD else 0.5 if word == "tie" else float(word == target)


def said(row: JudgmentRow) -> str:
    """The verdict in the item's frame, or the score."""
    score = _score(row)
    if score is not None:
        return f"{score:g}"
    verdict = verdict_of(row.outcome, row.trial.order)
    return "invalid" if verdict == SCORED else verdict


def _score(row: JudgmentRow) -> float | None:
    if len(row.trial.order) > 1:  # what a pair has is a stated confidence
        return None
    return next((s for s in score_columns(row, row.trial.order).values() if s is not None), None)
