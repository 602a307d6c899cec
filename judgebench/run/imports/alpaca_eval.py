"""AlpacaEval's upstream layout: `annotations.json`, one annotation a pair of a reference and a model.

`preference` runs from 1 to 2 and is already in the frame of output_1 (the reference, a) and output_2 (the model, b).
Which of the two was shown first is drawn by a seed and not written down, but annotators that answer with the token `m`
(the one shown first) or `M` leave it in the logprobs: where the preference is the share of `M`, output_2 was second.
The layout of tatsu-lab/alpaca_eval at cd543a1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from judgebench.items import Item
from judgebench.items.public.alpaca_eval import pairs, suite_name
from judgebench.items.source_rows import SourceRow, finite, read_objects
from judgebench.judges.tidy import RecordedVerdict
from judgebench.run.imports.base import Importer, Recording
from judgebench.run.imports.names import judge_of
from judgebench.run.imports.stated import beside

_LAYOUT: Final = "AlpacaEval's annotations.json: instruction, output_1, output_2, preference and annotator"
_EVEN: Final = 1.5
_CLOSE: Final = 1e-6
"""Upstream stores preferences with ten decimals."""

_FRAME: Final = (
    "preference, from 1 to 2, is in the frame of output_1 (a) and output_2 (b); the order is read from "
    "is_switched_outputs where it is kept, else from the answer m (the one shown first) or M"
)


@dataclass(frozen=True, slots=True)
class Labels:
    """What the judge answered, about the responses as displayed.

    Attributes:
        second: The share of the one shown second, between 0 and 1.
        mass: The probability of both labels together; None where there are no logprobs.
    """

    second: float
    mass: float | None


def read(path: Path) -> list[Recording]:
    """The recordings in a file of annotations, one an annotator.

    Raises:
        InputError: The file is not in the layout.
    """
    rows = read_objects(path, expected=_LAYOUT)
    suite = suite_name(rows)
    annotators = dict.fromkeys(row.text("annotator") for row in rows)
    return [
        _recording(suite, name, [row for row in rows if row.text("annotator") == name]) for name in annotators
    ]


def _recording(suite: str, annotator: str, rows: Sequence[SourceRow]) -> Recording:
    items = pairs(rows)
    verdicts = [_verdict(row, item) for row, item in zip(rows, items, strict=True)]
    judge = judge_of(annotator)
    stated = beside(suite, judge, upstream_figures(rows))
    return Recording(suite, judge, verdicts, _FRAME, stated, items, _unknown(rows, verdicts))


def _unknown(rows: Sequence[SourceRow], verdicts: Sequence[RecordedVerdict]) -> list[str]:
    same = [row.text("output_1") == row.text("output_2") for row in rows]
    lost = sum(v.order is None and not alike for v, alike in zip(verdicts, same, strict=True))
    told = []
    if lost:
        told.append(f"the order of {lost} verdicts")
    if any(same):
        told.append(
            f"the verdicts on {sum(same)} pairs of equal responses: upstream does not ask, and notes a tie"
        )
    return told


def _verdict(row: SourceRow, item: Item) -> RecordedVerdict:
    preference, labels = _preference(row), _labels(row)
    weighted = preference is not None and labels is not None and labels.mass is not None
    return RecordedVerdict(
        item.id,
        _order(row, preference, labels),
        _side(preference),
        source=item.source,
        category=item.category,
        p_a=2 - preference if preference is not None and weighted else None,
        p_b=preference - 1 if preference is not None and weighted else None,
        captured_mass=labels.mass if labels is not None and weighted else None,
    )


def _preference(row: SourceRow) -> float | None:
    """The preference; None where the annotation could not be read. Old files write 0 for 1.5."""
    if "preference" in row.values and row.values["preference"] is None:
        return None
    value = row.number("preference")
    if value == 0:
        return _EVEN
    if not 1 <= value <= 2:
        raise row.wrong("preference", "a number from 1 to 2")
    return value


def _side(preference: float | None) -> str:
    if preference is None:
        return "invalid"
    if preference == _EVEN:
        return "tie"
    return "a" if preference < _EVEN else "b"


def _order(row: SourceRow, preference: float | None, labels: Labels | None) -> Literal["ab", "ba"] | None:
    """The order, where it is on record; an even preference does not tell it."""
    switched = row.values.get("is_switched_outputs")
    if isinstance(switched, bool):
        return "ba" if switched else "ab"
    if preference is None or labels is None:
        return None
    straight = abs(preference - 1 - labels.second) < _CLOSE
    crossed = abs(2 - preference - labels.second) < _CLOSE
    if straight == crossed:
        return None
    return "ab" if straight else "ba"


def _labels(row: SourceRow) -> Labels | None:
    """What the judge answered with m and M; None where it answered with anything else."""
    completion = row.values.get("raw_completion")
    if isinstance(completion, str):
        return _of_text(completion)
    if not isinstance(completion, dict):
        return None
    if isinstance(completion.get("logprobs"), dict):
        return _of_logprobs(row, completion["logprobs"])
    return _of_text(str(completion.get("text")))


def _of_text(text: str) -> Labels | None:
    answers = {"m": Labels(0.0, None), "M": Labels(1.0, None)}
    return answers.get(text.strip())


def _of_logprobs(row: SourceRow, logprobs: Mapping[str, Any]) -> Labels | None:
    try:
        top = {entry["token"]: finite(entry["logprob"]) for entry in logprobs["content"][0]["top_logprobs"]}
    except (KeyError, IndexError, TypeError) as error:
        raise row.fault(
            "raw_completion",
            f"the logprobs are not in the layout: {error!r}",
            "content of one token with its top_logprobs",
        ) from error
    first, second = (_probability(top.get(token)) for token in "mM")
    mass = first + second
    return Labels(second / mass, mass) if mass else None


def _probability(logprob: float | None) -> float:
    """From a logprob; 0 where the token is not among the top ones. Rounding can leave a logprob above 0."""
    return 0.0 if logprob is None else math.exp(min(logprob, 0.0))


def upstream_figures(rows: Sequence[SourceRow]) -> dict[str, float]:
    """Upstream's figures by upstream's own rule: win rate and standard error in percent, and the mean length.

    What could not be read is dropped, and a tie is half a win; the length, of output_2 in characters, is cut to a whole
    number.
    """
    wins = [value - 1 for row in rows if (value := _preference(row)) is not None]
    count = len(wins)
    mean = sum(wins) / count if count else math.nan
    spread = sum((win - mean) ** 2 for win in wins)
    return {
        "win_rate": 100 * mean,
        "standard_error": 100 * math.sqrt(spread / (count - 1) / count) if count > 1 else math.nan,
        "avg_length": sum(len(row.text("output_2")) for row in rows) // len(rows),
    }


alpaca_eval = Importer(
    "alpaca_eval", "annotations.json of AlpacaEval, with logprobs where they are kept", read
)
