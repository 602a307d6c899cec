"""Scores of single responses by known authors: `item_id, judge, author, score, gold_score`.

`item_id` names the prompt and `author` who wrote the response; the response is the judge's own where the author has the
judge's name, or where `relation` says so (`self`, `family`, `teacher`, `none`). Scores are on any scale, and gold's may
be on another one. An empty score is a missing one, and an empty gold score leaves the response aside. Optional:
`relation`, `category`, `source`. A row that comes again is a repeat.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

from judgebench.errors import InputError
from judgebench.items.lines import Line, lacking, lines_of
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording
from judgebench.run.imports.collect import Collection
from judgebench.run.imports.names import judge_of
from judgebench.run.imports.self_preference import RELATIONS, text_of
from judgebench.run.pairs import AuthoredPair

_REQUIRED: Final = ("item_id", "judge", "author", "score", "gold_score")
_FRAME: Final = "response_a is the one that is scored; there is no other"


def read(path: Path) -> list[Recording]:
    """The recordings in a file, one a judge, in the order of their first rows.

    Raises:
        InputError: A row lacks a column or has a value that is not allowed, or says another thing of a response than an
            earlier one, or the file is empty.
    """
    found, responses = Collection(), dict[str, dict[str, AuthoredPair]]()
    for line in lines_of(path, "file of scores"):
        judge, response = judge_of(line.name("judge")), _response(line)
        known = responses.setdefault(judge, {}).setdefault(response.item_id, response)
        if known != response:
            raise line.fault(
                "gold_score", f"another row says other things of the response {response.item_id!r}",
                "one gold score and relation a response",
            )  # fmt: skip
        found.add(judge, _verdict(line, response.item_id))
    if not responses:
        raise InputError("the file is empty", file=path, expected="at least one score")
    return [
        Recording(
            path.stem, judge, found.verdicts(judge), _FRAME, protocol="pointwise", pairs=list(known.values())
        )
        for judge, known in responses.items()
    ]


def _response(line: Line) -> AuthoredPair:
    """The response with its author, as the first of a pair that has no second."""
    prompt, author, judge = line.name("item_id"), line.name("author"), line.name("judge")
    relation = "self" if author.casefold() == judge.casefold() else "none"
    if line.values.get("relation") not in {None, ""}:
        relation = line.one_of("relation", RELATIONS)
    name = f"{prompt}~{author}"
    return AuthoredPair(name, prompt, author, "", relation, "", points_a=_number(line, "gold_score"))


def _verdict(line: Line, item: str) -> RecordedVerdict:
    score = _number(line, "score")
    return RecordedVerdict(
        item,
        "a",
        "error" if score is None else None,
        source=text_of(line, "source"),
        category=text_of(line, "category"),
        score_a=score,
    )


def _number(line: Line, key: str) -> float | None:
    """A score; None where it is empty.

    Raises:
        InputError: It is no finite number.
    """
    said: Any = line.values.get(key)
    if said is None or said == "" or said != said:  # noqa: PLR0124  # Parquet has no other word for what is missing
        return None
    try:
        found = math.nan if isinstance(said, bool) else float(said)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        raise line.fault(key, f"{key!r} is {str(said)[:40]!r}", "a number")
    return found


def misfit(path: Path) -> str | None:
    """Why a path is not such a file, at a glance."""
    return lacking(path, _REQUIRED)


self_scores = Importer(
    "self_scores",
    "scores of responses by known authors: item_id, judge, author, score, gold_score",
    read,
    misfit,
)
