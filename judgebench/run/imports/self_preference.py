"""Verdicts on a judge's own responses: `item_id, judge, own, opponent, order, verdict, gold`.

`own` and `opponent` name the authors; a row on a pair that is not the judge's says `relation: none` and names in `own`
the author that the row is about. The order is `own` or `opponent`, whichever was shown first; verdict and gold are
`own`, `opponent` or `tie` (and `invalid`, `refused`, `error` for a verdict; an empty one is an `error`). Optional:
`category`, `source`, `relation` (`self`, `family`, `teacher`, `none`), and `panel`, the share from 0 to 1 that other
judges give to `own`. Where gold is empty nothing is held against it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from judgebench.errors import InputError
from judgebench.items.authored import pair_id
from judgebench.items.lines import Line, lacking, lines_of
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording
from judgebench.run.imports.collect import Collection
from judgebench.run.imports.names import judge_of
from judgebench.run.pairs import AuthoredPair

_REQUIRED: Final = ("item_id", "judge", "own", "opponent", "order", "verdict", "gold")
_ORDERS: Final = {"own": "ab", "opponent": "ba", "ab": "ab", "ba": "ba"}
_SIDES: Final = {"own": "a", "opponent": "b", "a": "a", "b": "b", "tie": "tie"}
_VERDICTS: Final = {**_SIDES, "invalid": "invalid", "refused": "refused", "error": "error"}
RELATIONS: Final = {name: name for name in ("self", "family", "teacher", "none")}
_GOLD: Final[Mapping[str, float]] = {"a": 1.0, "b": 0.0, "tie": 0.5}
_FRAME: Final = "response_a is the response of `own`, response_b that of `opponent`"


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with its pair."""

    judge: str
    pair: AuthoredPair
    verdict: RecordedVerdict


def read(path: Path) -> list[Recording]:
    """The recordings in a file, one a judge, in the order of their first rows.

    Raises:
        InputError: A row lacks a column or has a value that is not allowed, or says another thing of a pair than an
            earlier one, or the file is empty.
    """
    found, pairs = Collection(), dict[str, dict[str, AuthoredPair]]()
    for line in lines_of(path, "file of verdicts"):
        row = _row(line)
        known = pairs.setdefault(row.judge, {}).setdefault(row.pair.item_id, row.pair)
        if known != row.pair:
            raise line.fault(
                "gold", f"another row says other things of the pair {row.pair.item_id!r}",
                "one gold, relation and panel share a pair",
            )  # fmt: skip
        found.add(row.judge, row.verdict)
    if not pairs:
        raise InputError("the file is empty", file=path, expected="at least one verdict")
    return [
        Recording(path.stem, judge, found.verdicts(judge), _FRAME, pairs=list(known.values()))
        for judge, known in pairs.items()
    ]


def _row(line: Line) -> _Row:
    own, opponent = line.name("own"), line.name("opponent")
    if own == opponent:
        raise line.fault("opponent", f"{own!r} is own and opponent", "two authors")
    prompt = line.name("item_id")
    gold = line.one_of("gold", _SIDES) if line.values.get("gold") not in {None, ""} else None
    relation = line.one_of("relation", RELATIONS) if line.values.get("relation") not in {None, ""} else "self"
    item, stated = pair_id(prompt, own, opponent), None if gold is None else _GOLD[gold]
    gap = None if stated is None else 2 * stated - 1
    return _Row(
        judge_of(line.name("judge")),
        AuthoredPair(item, prompt, own, opponent, relation, "none", stated, gap, _panel(line)),
        RecordedVerdict(
            item,
            "ab" if line.one_of("order", _ORDERS) == "ab" else "ba",
            line.one_of("verdict", _VERDICTS) if line.values.get("verdict") not in {None, ""} else "error",
            gold=gold,
            source=text_of(line, "source"),
            category=text_of(line, "category"),
        ),
    )


def text_of(line: Line, key: str) -> str | None:
    """A name that may be absent."""
    return None if line.values.get(key) in {None, ""} else line.name(key)


def _panel(line: Line) -> float | None:
    """The panel's share for the own response."""
    said = line.values.get("panel")
    if said is None or said == "":
        return None
    try:
        share = float(said)
    except (TypeError, ValueError):
        share = math.nan
    if not 0 <= share <= 1:
        raise line.fault("panel", f"'panel' is {str(said)[:40]!r}", "a share from 0 to 1")
    return share


def misfit(path: Path) -> str | None:
    """Why a path is not such a file, at a glance."""
    return lacking(path, _REQUIRED)


self_preference = Importer(
    "self_preference",
    "verdicts on own responses: item_id, judge, own, opponent, order, verdict, gold",
    read,
    misfit,
)
